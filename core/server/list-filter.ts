/**
 * list_scan_response_keys_filter_path: of a listing only those keys stay whose path, made from the policy's template,
 * the caller could read or list.
 */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type { Request, Response } from '../framework/logical.ts';
import { templateWorld } from '../framework/template-world.ts';
import type { Runtime } from '../runtime.ts';
import { keysFilter } from './policy/keys-filter.ts';
import type { Acl, AclDecision } from './services.ts';

/** Undefined: nothing is filtered. */
export const filterOf = ({ operation }: Request, decision: AclDecision | undefined): string | undefined =>
  operation === 'list' || operation === 'scan' ? decision?.keysFilterPath : undefined;

/** False: there is something in the response, but no keys, which upstream takes for a mistake of its own. */
export function filterKeys(
  request: Request,
  response: Response,
  template: string,
  acl: Acl,
  runtime: Runtime,
): boolean {
  if (response.raw !== undefined || response.status !== undefined) return false;
  const data = response.data ?? {};
  const keys = data instanceof Map ? (data.get('keys') as JsonValue) : (data as JsonObject)['keys'];
  if (!Array.isArray(keys)) return (data instanceof Map ? data.size : Object.keys(data).length) === 0;
  const pathOf = keysFilter(template, templateWorld(runtime));
  const visible = (keys as readonly JsonValue[]).filter((key) => {
    if (typeof key !== 'string') return true;
    const path = pathOf(request.path, key);
    const can = acl.capabilities(request.namespace.path + path);
    return can.includes('root') || can.includes(path.endsWith('/') ? 'list' : 'read');
  });
  const kept = new Set(visible);
  const infos = data instanceof Map ? (data.get('key_info') as JsonValue) : (data as JsonObject)['key_info'];
  const rest = infos === undefined ? {} : { key_info: pick(infos, kept) };
  response.data = {
    ...(data instanceof Map ? Object.fromEntries(data) : data),
    keys: visible,
    ...rest,
  };
  return true;
}

function pick(infos: JsonValue, kept: ReadonlySet<JsonValue>): JsonValue {
  if (typeof infos !== 'object' || infos === null || Array.isArray(infos)) return infos;
  return Object.fromEntries(Object.entries(infos as JsonObject).filter(([key]) => kept.has(key)));
}

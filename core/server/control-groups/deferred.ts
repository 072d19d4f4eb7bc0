/**
 * Requests that wait for others to agree: put away in the token that the requester gets instead of an answer, beside
 * who has agreed so far. Unwrapping that token carries the request out.
 */
import { wrappingAuth } from '../wrapping/auth.ts';
import { asList, asNumber, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import { parseObject, print } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { failure } from '../../fault.ts';
import type { Operation, Request, WrapInfo } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import type { ControlGroup, Factor } from '../policy/control-group.ts';
import type { Entity, Services, TokenEntry } from '../services.ts';

interface Approval {
  readonly entityId: string;
  readonly entityName: string;
  /** Wall micros. */
  readonly time: Micros;
}

interface AskedFactor extends Factor {
  readonly approvals_given: readonly Approval[];
}

/** A request that waits, with all that is known of it. */
export interface Deferred {
  /** Wall micros. */
  readonly created: Micros;
  readonly ttl: Micros;
  readonly factors: readonly AskedFactor[];
  readonly request: Pick<Request, 'operation' | 'path' | 'data' | 'clientToken'>;
  readonly entity: JsonObject | null;
}

/** Puts a request away; what is answered is how to unwrap it. */
export async function defer(
  request: Request,
  group: ControlGroup,
  asker: { readonly token: TokenEntry | undefined; readonly entity: Entity | undefined },
  services: Services,
  now: Micros,
): Promise<WrapInfo> {
  const { operation, path, data, clientToken } = request;
  const deferred: Deferred = {
    created: now,
    ttl: group.ttl,
    factors: group.factors.map((factor) => ({ ...factor, approvals_given: [] })),
    request: { operation, path, data, clientToken },
    entity: asker.entity === undefined ? null : entityJson(asker.entity),
  };
  const displayName = asker.token?.displayName ?? 'token';
  const token = await services.tokens.createWrapping(path, group.ttl, { displayName, internalMeta: encode(deferred) });
  await services.leases.registerAuth(token, wrappingAuth(token.id, group.ttl));
  return { token: token.id, accessor: token.accessor, ttl: group.ttl, creationTime: now, creationPath: path };
}

/** What waits behind a token; undefined: it is another kind of token. */
export function deferredOf({ internalMeta }: TokenEntry): Deferred | undefined {
  const [group, request, entity] = ['control_group', 'request', 'request_entity'].map((name) => internalMeta?.[name]);
  if (group === undefined || request === undefined || entity === undefined) return undefined;
  const { created, ttl, factors } = parseObject(group);
  const asked = parseObject(request);
  return {
    created: asNumber(created) ?? 0,
    ttl: asNumber(ttl) ?? 0,
    factors: (asList(factors) ?? []).map((factor) => factorOf(asObject(factor) ?? {})),
    request: {
      operation: (asString(asked['operation']) ?? '') as Operation,
      path: asString(asked['path']) ?? '',
      data: asObject(asked['data']) ?? {},
      clientToken: asString(asked['client_token']) ?? '',
    },
    entity: entity === 'null' ? null : parseObject(entity),
  };
}

function factorOf(stored: JsonObject): AskedFactor {
  return {
    name: asString(stored['name']) ?? '',
    operations: asStrings(stored['operations']) ?? [],
    groups: asStrings(stored['groups']) ?? [],
    approvals: asNumber(stored['approvals']) ?? 0,
    approvals_given: (asList(stored['approvals_given']) ?? []).map((item) => {
      const given = asObject(item) ?? {};
      return {
        entityId: asString(given['entity_id']) ?? '',
        entityName: asString(given['entity_name']) ?? '',
        time: asNumber(given['time']) ?? 0,
      };
    }),
  };
}

/** For a token's entry. */
export const encode = ({ created, ttl, factors, request, entity }: Deferred): Record<string, string> => ({
  control_group: print({ created, ttl, factors: factors.map(factorJson) }),
  request: print({
    operation: request.operation,
    path: request.path,
    data: request.data,
    client_token: request.clientToken,
  }),
  request_entity: print(entity),
});

const factorJson = ({ name, operations, groups, approvals, approvals_given: given }: AskedFactor): JsonValue => ({
  name,
  operations,
  groups,
  approvals,
  approvals_given: given.map(({ entityId, entityName, time }) => ({
    entity_id: entityId,
    entity_name: entityName,
    time,
  })),
});

const entityJson = ({ id, name, namespaceId, aliases, metadata }: Entity): JsonObject => ({
  ID: id,
  name,
  ...(metadata !== undefined && { metadata: { ...metadata } }),
  aliases: aliases.map((alias) => ({
    mount_type: alias.mountType,
    mount_accessor: alias.mountAccessor,
    name: alias.name,
    ...(alias.metadata !== undefined && { metadata: { ...alias.metadata } }),
    ID: alias.id,
    namespace_id: namespaceId,
  })),
  namespace_id: namespaceId,
});

const ENTITY = ['ID', 'name', 'aliases', 'metadata', 'namespace_id'];
const ALIAS = ['mount_type', 'mount_accessor', 'name', 'metadata', 'ID', 'namespace_id'];

/** In the order of Go's struct, which is how it is shown. */
export function shownEntity(entity: JsonObject): ReadonlyMap<string, JsonValue> {
  const aliases = asList(entity['aliases'])?.map((alias) => inOrder(asObject(alias) ?? {}, ALIAS));
  return inOrder(aliases === undefined ? entity : { ...entity, aliases }, ENTITY);
}

const inOrder = (object: JsonObject, names: readonly string[]): ReadonlyMap<string, JsonValue> =>
  new Map(names.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]!] as const));

/** Whether enough have agreed, and recently enough, for every factor. */
export const isApproved = ({ factors, ttl }: Deferred, now: Micros): boolean =>
  factors.every(
    ({ approvals, approvals_given: given }) => given.filter(({ time }) => time + ttl > now).length >= approvals,
  );

/** Everybody who has agreed, once. */
export function approvers({ factors }: Deferred): readonly Pick<Approval, 'entityId' | 'entityName'>[] {
  const all = factors.flatMap(({ approvals_given: given }) => given);
  return all.filter(({ entityId }, i) => all.findIndex((other) => other.entityId === entityId) === i);
}

/**
 * With the agreement of somebody who is in `groups`; the same object when no factor asks any of them. Throws Fault for
 * the requester, and for who has agreed before.
 */
export function approve(
  deferred: Deferred,
  approver: { readonly entityId: string; readonly name: string; readonly groups: readonly string[] },
  now: Micros,
): Deferred {
  let changed = false;
  const factors = deferred.factors.map((factor) => {
    if (!factor.groups.some((group) => approver.groups.includes(group))) return factor;
    if (deferred.entity?.['ID'] === approver.entityId) throw failure('token owner cannot be approver');
    if (factor.approvals_given.some(({ entityId }) => entityId === approver.entityId)) {
      throw failure('approver has already authorized');
    }
    changed = true;
    const approval = { entityId: approver.entityId, entityName: approver.name, time: now };
    return { ...factor, approvals_given: [...factor.approvals_given, approval] };
  });
  return changed ? { ...deferred, factors } : deferred;
}

/** What an operation may answer with. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type { Request, Response } from './logical.ts';

/** A whole response: warnings, auth, secret, status … beside the data. Made by `reply`. */
export class Reply {
  readonly response: Response;
  constructor(response: Response) {
    this.response = response;
  }
}

export const reply = (response: Response): Reply => new Reply(response);

/** Nothing: 404 on reads and lists, 204 on writes. Names: a listing. A plain object or Map: the response's data. */
export type Answer = void | undefined | Reply | readonly string[] | JsonObject | ReadonlyMap<string, JsonValue>;

/** Names as upstream lists them: no `keys` at all when there are none, which the HTTP layer turns into 404. */
export function listing(keys: readonly string[], info?: JsonObject): Response {
  const data: JsonObject = {};
  if (keys.length > 0) data['keys'] = keys;
  if (info !== undefined && Object.keys(info).length > 0) data['key_info'] = info;
  return { data };
}

/** A list without keys does not exist, unless there is something else to say. */
export function isEmptyList({ operation }: Request, { data = {}, warnings = [] }: Response): boolean {
  if (operation !== 'list') return false;
  const keys = data instanceof Map ? (data.get('keys') as JsonValue) : (data as JsonObject)['keys'];
  if (Array.isArray(keys)) return keys.length === 0;
  if (warnings.length > 0) return false;
  const names = data instanceof Map ? [...data.keys()] : Object.keys(data);
  return !names.some((name) => name !== 'keys') && (keys === undefined || keys === null);
}

export function toResponse(answer: Answer): Response | undefined {
  if (answer === undefined) return undefined;
  if (answer instanceof Reply) return answer.response;
  if (isNames(answer)) return listing(answer);
  return { data: answer };
}

const isNames = (answer: Answer): answer is readonly string[] => Array.isArray(answer);

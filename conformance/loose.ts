/** Answers that tell of the machine, the process or our own prose, not of the API: compared by type, or not at all. */

/**
 * 'types': keys, nulls and types; 'opaque': that there is a body; 'unordered': lists of names in any order; 'prose': of
 * help its frame, routes, names and operation ids, but not the sentences.
 */
export type Looseness = 'types' | 'opaque' | 'unordered' | 'prose';

const RULES: readonly (readonly [path: RegExp, how: Looseness])[] = [
  [/^\/v1\/sys\/host-info/, 'opaque'],
  [/^\/v1\/sys\/metrics/, 'opaque'],
  [/^\/v1\/sys\/pprof/, 'opaque'],
  [/^\/v1\/sys\/monitor/, 'opaque'],
  [/^\/v1\/sys\/in-flight-req/, 'opaque'],
  [/^\/v1\/sys\/internal\/specs\/openapi/, 'opaque'],
  [/^\/v1\/sys\/internal\/inspect\/router/, 'types'],
  [/^\/v1\/sys\/storage\/raft\/snapshot/, 'opaque'],
  [/^\/v1\/sys\/raw/, 'types'],
  // In the order of the ids, which is chance.
  [/^\/v1\/(?:\w+\/)*identity\/(?:entity|group)\/name\/?(?:\?|$)/, 'unordered'],
  // Out of a map, and Go shuffles those.
  [/^\/v1\/(?:\w+\/)*identity\/oidc\/provider\/?(?:\?|$)/, 'unordered'],
  [/^\/v1\/sys\/quotas\/rate-limit\/?(?:\?|$)/, 'unordered'],
  [/^\/v1\/(?:\w+\/)*sys\/(?:internal\/ui\/)?namespaces\/?(?:\?|$)/, 'unordered'],
];

export function looseness(method: string, path: string): Looseness | undefined {
  if (method === 'HELP' || /[?&]help=/.test(path)) return 'prose';
  return RULES.find(([pattern]) => pattern.test(path))?.[1];
}

/** Fields and helpers that several identity paths share. */
import { compareText } from '../../codec/bytes.ts';
import { encodeHex } from '../../codec/hex.ts';
import { failure, refuse } from '../../fault.ts';
import type { Call, Running } from '../../framework/call.ts';
import type { PathSet } from '../../framework/engine.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { IdentityContext } from './directory.ts';
import type { Texts } from './model.ts';
import type { identityStore, IdentityState } from './state.ts';

export type IdentityRunning = Running<IdentityState, typeof identityStore, IdentityContext>;
export type IdentityCall = Call<IdentityState, typeof identityStore, IdentityContext>;

export const identityPaths = (): PathSet<IdentityState, typeof identityStore, IdentityContext> =>
  paths<IdentityState, typeof identityStore, IdentityContext>();

/** `entity_<8 hex>.root`: what is named by nobody. */
export const madeUpName = (kind: 'entity' | 'group', { random, request }: IdentityCall): string =>
  `${kind}_${encodeHex(random.bytes(4))}.${request.namespace.id}`;

/** An empty id is nobody's: looking for it fails. */
export function named(id: string, what: string): string {
  if (id === '') throw failure(`missing ${what}`);
  return id;
}

/** Trimmed, sorted, each once; what is empty is none. */
export const eachOnce = (given: readonly string[]): string[] =>
  [...new Set(given.map((name) => name.trim()).filter((name) => name !== ''))].sort(compareText);

export function cleanPolicies(given: readonly string[]): string[] {
  const clean = eachOnce(given.map((name) => name.toLowerCase()));
  if (clean.includes('root')) throw refuse('policies cannot contain root');
  return clean;
}

/** What there is to store after a request: null is sent to have none, nothing to leave it as it is. */
export const metadataAfter = (
  sent: Texts | undefined,
  before: Texts | undefined,
  { request }: Pick<IdentityCall, 'request'>,
): Texts | undefined => (request.data['metadata'] === null ? undefined : (sent ?? before));

export const metadataField = field.kvPairs('Metadata as pairs of key and value.');
export const policiesField = field.commaStrings('Policies that hold beside those of the token.');

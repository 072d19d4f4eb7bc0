/**
 * The names that parameters of tokens had before they got `token_` in front, and that still live beside those. Not every
 * auth method had each of them.
 */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { asNumber, asStrings } from '../codec/json-fields.ts';
import type { Micros } from '../runtime.ts';
import { wholeSeconds } from '../runtime.ts';
import { field } from './field.ts';
import { deprecated, fromNanos, nanos, parseAddresses, parsePolicies, storedAddresses } from './token-params.ts';
import type { TokenInput, TokenParams } from './token-params.ts';

/** What was given under the old names, to be shown again; undefined lists were never set. */
export interface OldNames {
  policies: string[] | undefined;
  numUses: number;
  ttl: Micros;
  maxTtl: Micros;
  period: Micros;
  boundCidrs: string[] | undefined;
}

export const noOldNames = (): OldNames => ({
  policies: undefined,
  numUses: 0,
  ttl: 0,
  maxTtl: 0,
  period: 0,
  boundCidrs: undefined,
});

export const oldNameFields = {
  policies: field.commaStrings(deprecated('token_policies'), { deprecated: true }),
  num_uses: field.int(deprecated('token_num_uses'), { deprecated: true }),
  ttl: field.duration(deprecated('token_ttl'), { deprecated: true }),
  max_ttl: field.duration(deprecated('token_max_ttl'), { deprecated: true }),
  period: field.duration(deprecated('token_period'), { deprecated: true }),
  bound_cidrs: field.commaStrings(deprecated('token_bound_cidrs'), { deprecated: true }),
};

interface OldNameInput {
  readonly policies: string[] | undefined;
  readonly num_uses: number | undefined;
  readonly ttl: Micros | undefined;
  readonly max_ttl: Micros | undefined;
  readonly period: Micros | undefined;
  readonly bound_cidrs: string[] | undefined;
}

/** The two values of a parameter with a deprecated name: the new name wins, and the old one only lives beside it. */
function upgradeValue<T>(
  sentOld: T | undefined,
  sentNew: T | undefined,
  current: { readonly old: T | undefined; readonly new: T },
): { readonly old: T | undefined; readonly new: T } {
  if (sentNew === undefined) return sentOld === undefined ? current : { old: sentOld, new: sentOld };
  return { old: sentOld === undefined ? undefined : current.new, new: current.new };
}

type Sent = Partial<OldNameInput> & TokenInput;
type Holder = Partial<OldNames> & { readonly token: TokenParams };

/** Where neither was sent, a list that was never set stays so. */
function applyOldList(
  holder: Holder,
  name: 'policies' | 'boundCidrs',
  sentOld: string[] | undefined,
  sentNew: string[] | undefined,
): void {
  if ((sentOld ?? sentNew) === undefined) return;
  const { token } = holder;
  const { old, new: now } = upgradeValue(sentOld, sentNew, { old: holder[name], new: token[name] ?? [] });
  [holder[name], token[name]] = [old, now];
}

export const applyOldPolicies = (holder: Holder, { policies, token_policies }: Sent): void =>
  applyOldList(holder, 'policies', policies && parsePolicies(policies), token_policies);

export function applyOldCidrs(holder: Holder, { bound_cidrs: old, token_bound_cidrs: sentNew }: Sent): void {
  // Beside the new name nobody reads what is under the old one.
  const sentOld = old === undefined || sentNew !== undefined ? old : parseAddresses(old);
  applyOldList(holder, 'boundCidrs', sentOld, sentNew);
}

export function applyOldNumber(
  holder: Holder,
  name: 'numUses' | 'ttl' | 'maxTtl' | 'period',
  sentOld: number | undefined,
  sentNew: number | undefined,
): void {
  const { token } = holder;
  const { old, new: now } = upgradeValue(sentOld, sentNew, { old: holder[name], new: token[name] });
  [holder[name], token[name]] = [old ?? 0, now];
}

/** Takes over what was sent under either name, where a method had all of them. */
export function applyOldNames(holder: OldNames & Holder, input: Sent): void {
  applyOldPolicies(holder, input);
  applyOldCidrs(holder, input);
  applyOldNumber(holder, 'numUses', input.num_uses, input.token_num_uses);
  applyOldNumber(holder, 'ttl', input.ttl, input.token_ttl);
  applyOldNumber(holder, 'maxTtl', input.max_ttl, input.token_max_ttl);
  applyOldNumber(holder, 'period', input.period, input.token_period);
}

/** For the answer to a read, `params` being what it says under the new names. */
export function shownOldNames(old: OldNames, params: JsonObject): JsonObject {
  const data: JsonObject = {};
  if ((old.policies ?? []).length > 0) data['policies'] = params['token_policies']!;
  if ((old.boundCidrs ?? []).length > 0) data['bound_cidrs'] = params['token_bound_cidrs']!;
  if (old.ttl > 0) data['ttl'] = wholeSeconds(old.ttl);
  if (old.maxTtl > 0) data['max_ttl'] = wholeSeconds(old.maxTtl);
  if (old.period > 0) data['period'] = wholeSeconds(old.period);
  if (old.numUses > 0) data['num_uses'] = old.numUses;
  return data;
}

/** The stored fields, in upstream's order; `cidrs` is what it calls the last of them. */
export const encodeOldNames = (old: OldNames, cidrs: string): [string, JsonValue][] => [
  ['policies', old.policies ?? null],
  ['num_uses', old.numUses],
  ['ttl', nanos(old.ttl)],
  ['max_ttl', nanos(old.maxTtl)],
  ['period', nanos(old.period)],
  [cidrs, old.boundCidrs ?? null],
];

export const decodeOldNames = (stored: JsonObject, cidrs: string): OldNames => ({
  policies: asStrings(stored['policies']),
  numUses: asNumber(stored['num_uses']) ?? 0,
  ttl: fromNanos(stored['ttl']),
  maxTtl: fromNanos(stored['max_ttl']),
  period: fromNanos(stored['period']),
  boundCidrs: storedAddresses(stored[cidrs]),
});

/** Entries from before the token_ names carry only the old ones. */
export function upgraded<T extends Holder>(holder: T): T {
  const { token, ttl = 0, maxTtl = 0, period = 0, numUses = 0, policies = [], boundCidrs = [] } = holder;
  if (token.ttl === 0) token.ttl = ttl;
  if (token.maxTtl === 0) token.maxTtl = maxTtl;
  if (token.period === 0) token.period = period;
  if (token.numUses === 0) token.numUses = Math.max(numUses, 0);
  if ((token.policies ?? []).length === 0 && policies.length > 0) token.policies = policies;
  if ((token.boundCidrs ?? []).length === 0 && boundCidrs.length > 0) token.boundCidrs = boundCidrs;
  return holder;
}

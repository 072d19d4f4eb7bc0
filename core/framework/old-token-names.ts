/** The names that parameters of tokens had before they got `token_` in front, and that still live beside those. */
import { canonicalAddress } from '../codec/address.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { asNumber, asStrings } from '../codec/json-fields.ts';
import type { Micros } from '../runtime.ts';
import { wholeSeconds } from '../runtime.ts';
import { field } from './field.ts';
import { deprecated, fromNanos, nanos, parseAddresses, parsePolicies, upgradeValue } from './token-params.ts';
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

export interface OldNameInput {
  readonly policies: string[] | undefined;
  readonly num_uses: number | undefined;
  readonly ttl: Micros | undefined;
  readonly max_ttl: Micros | undefined;
  readonly period: Micros | undefined;
  readonly bound_cidrs: string[] | undefined;
}

type Holder = OldNames & { readonly token: TokenParams };

/** Takes over what was sent under either name. */
export function applyOldNames(holder: Holder, input: OldNameInput & TokenInput): void {
  const { token } = holder;
  const sent = input.policies && parsePolicies(input.policies);
  const policies = upgradeValue(sent, input.token_policies, { old: holder.policies, new: token.policies ?? [] });
  if (input.policies ?? input.token_policies) [holder.policies, token.policies] = [policies.old, policies.new];
  const addresses = input.bound_cidrs && parseAddresses(input.bound_cidrs);
  const known = { old: holder.boundCidrs, new: token.boundCidrs ?? [] };
  const cidrs = upgradeValue(addresses, input.token_bound_cidrs, known);
  if (input.bound_cidrs ?? input.token_bound_cidrs) [holder.boundCidrs, token.boundCidrs] = [cidrs.old, cidrs.new];
  const uses = upgradeValue(input.num_uses, input.token_num_uses, { old: holder.numUses, new: token.numUses });
  [holder.numUses, token.numUses] = [uses.old ?? 0, uses.new];
  const ttl = upgradeValue(input.ttl, input.token_ttl, { old: holder.ttl, new: token.ttl });
  [holder.ttl, token.ttl] = [ttl.old ?? 0, ttl.new];
  const maxTtl = upgradeValue(input.max_ttl, input.token_max_ttl, { old: holder.maxTtl, new: token.maxTtl });
  [holder.maxTtl, token.maxTtl] = [maxTtl.old ?? 0, maxTtl.new];
  const period = upgradeValue(input.period, input.token_period, { old: holder.period, new: token.period });
  [holder.period, token.period] = [period.old ?? 0, period.new];
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
  boundCidrs: asStrings(stored[cidrs])?.map((address) => canonicalAddress(address) ?? address),
});

/** Entries from before the token_ names carry only the old ones. */
export function upgraded<T extends Holder>(holder: T): T {
  const { token } = holder;
  if (token.ttl === 0) token.ttl = holder.ttl;
  if (token.maxTtl === 0) token.maxTtl = holder.maxTtl;
  if (token.period === 0) token.period = holder.period;
  if (token.numUses === 0) token.numUses = Math.max(holder.numUses, 0);
  if ((token.policies ?? []).length === 0 && (holder.policies ?? []).length > 0) token.policies = holder.policies;
  if ((token.boundCidrs ?? []).length === 0 && (holder.boundCidrs ?? []).length > 0) {
    token.boundCidrs = holder.boundCidrs;
  }
  return holder;
}

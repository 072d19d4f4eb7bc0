/** Whether the policies that a chain's certificates name satisfy what they require (RFC 5280, section 6.1; RFC 9618). */
import { equalBytes } from '../../codec/bytes.ts';
import { context, TAG } from '../../codec/der.ts';
import { DerError, DerReader } from '../../codec/der-reader.ts';
import { encodeHex } from '../../codec/hex.ts';
import { decodeOid } from '../../codec/oid.ts';
import type { Certificate } from './certificate.ts';

/** Counts of certificates until something holds. */
export interface PolicyConstraints {
  readonly requireExplicit: number | undefined;
  readonly inhibitMapping: number | undefined;
}

export interface PolicyMapping {
  readonly issuer: string;
  readonly subject: string;
}

const ANY = '2.5.29.32.0';

/** One below zero is as none. */
function count(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  const padded = bytes.length > 1 && bytes[0] === (bytes[1]! >= 0x80 ? 0xff : 0);
  if (bytes.length === 0 || bytes.length > 8 || padded) throw new DerError('no count');
  return bytes[0]! >= 0x80 ? undefined : bytes.reduce((value, byte) => value * 256 + byte, 0);
}

export function parsePolicyConstraints(value: Uint8Array): PolicyConstraints {
  const inside = new DerReader(value).sequence();
  const requireExplicit = count(inside.optional(context(0, false)));
  return { requireExplicit, inhibitMapping: count(inside.optional(context(1, false))) };
}

/** Go takes any bytes for an identifier here. */
function policyOf(reader: DerReader): string {
  const bytes = reader.read(TAG.oid);
  return decodeOid(bytes) ?? encodeHex(bytes);
}

export function parsePolicyMappings(value: Uint8Array): PolicyMapping[] {
  const list = new DerReader(value).sequence();
  const mappings: PolicyMapping[] = [];
  while (!list.atEnd) {
    const one = list.sequence();
    mappings.push({ issuer: policyOf(one), subject: policyOf(one) });
  }
  return mappings;
}

export function parseInhibitAny(value: Uint8Array): number | undefined {
  const number = new DerReader(value).whole();
  return number < 0n ? undefined : Number(number);
}

/** Policies that hold down to here, each with those that the next certificate may name for it. */
type Level = Map<string, readonly string[]>;

/** What is still to come until something holds. */
interface Left {
  explicit: number;
  mapping: number;
  any: number;
}

/** The leaf comes first, the authority that is trusted last; the latter's policies are nobody's business. */
export function policiesHold(chain: readonly Certificate[]): boolean {
  const below = chain.slice(0, -1).reverse();
  const left: Left = { explicit: below.length + 1, mapping: below.length + 1, any: below.length + 1 };
  let level: Level | undefined = new Map([[ANY, [ANY]]]);
  for (const [index, certificate] of below.entries()) {
    const last = index === below.length - 1;
    const selfIssued = equalBytes(certificate.rawSubject, certificate.rawIssuer);
    if (certificate.policies.length === 0) level = undefined;
    if (level === undefined && left.explicit === 0) return false;
    if (level !== undefined) {
      level = nextLevel(level, certificate.policies, left.any > 0 || (!last && selfIssued));
      if (!last && !map(level, certificate.policyMappings, left.mapping > 0)) return false;
    }
    if (!last) countDown(left, certificate, selfIssued);
  }
  const [leaf] = chain;
  const explicit = leaf?.policyConstraints?.requireExplicit === 0 ? 0 : Math.max(0, left.explicit - 1);
  return below.length === 0 || explicit > 0 || (level !== undefined && level.size > 0);
}

function nextLevel(above: Level, policies: readonly string[], anyCounts: boolean): Level {
  const level: Level = new Map();
  const expected = new Set([...above.values()].flat());
  for (const policy of policies) {
    if (policy !== ANY && (expected.has(policy) || above.has(ANY))) level.set(policy, [policy]);
  }
  if (!policies.includes(ANY) || !anyCounts) return level;
  for (const policy of expected) if (!level.has(policy)) level.set(policy, [policy]);
  return level;
}

/** False for mappings from or to any policy. */
function map(level: Level, mappings: readonly PolicyMapping[], allowed: boolean): boolean {
  const subjects = new Map<string, string[]>();
  for (const { issuer, subject } of mappings) {
    if (!allowed) level.delete(issuer);
    else if (issuer === ANY || subject === ANY) return false;
    else subjects.set(issuer, [...(subjects.get(issuer) ?? []), subject]);
  }
  for (const [issuer, expected] of subjects) if (level.has(issuer) || level.has(ANY)) level.set(issuer, expected);
  return true;
}

function countDown(left: Left, { policyConstraints, inhibitAnyPolicy }: Certificate, selfIssued: boolean): void {
  const next = (now: number, most = now): number => Math.min(selfIssued ? now : Math.max(0, now - 1), most);
  left.explicit = next(left.explicit, policyConstraints?.requireExplicit);
  left.mapping = next(left.mapping, policyConstraints?.inhibitMapping);
  left.any = next(left.any, inhibitAnyPolicy);
}

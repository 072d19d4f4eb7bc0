/** Key usages and purposes by the names that clients know them under. */
import { goAtoi } from '../../codec/go-atoi.ts';
import { failure } from '../../fault.ts';
import { EXT_KEY_USAGE, KEY_USAGE } from '../../crypto/x509/oids.ts';

const KEY_USAGES = new Map(Object.entries(KEY_USAGE).map(([name, bit]) => [name.toLowerCase(), bit]));
const PURPOSES = new Map(Object.entries(EXT_KEY_USAGE).map(([name, oid]) => [name.toLowerCase(), oid]));

/** Names that are not known count for nothing. */
export function keyUsageBits(names: readonly string[]): number {
  return names.reduce((bits, name) => bits | (KEY_USAGES.get(name.trim().toLowerCase()) ?? 0), 0);
}

interface Purposes {
  readonly server_flag: boolean;
  readonly client_flag: boolean;
  readonly code_signing_flag: boolean;
  readonly email_protection_flag: boolean;
  readonly ext_key_usage: readonly string[];
  readonly ext_key_usage_oids: readonly string[];
}

/** In the order of Go's table, then those given as identifiers, of which what is none counts for nothing. */
export function purposesOf(role: Purposes): string[] {
  const wanted = new Set(role.ext_key_usage.map((name) => PURPOSES.get(name.trim().toLowerCase())));
  if (role.server_flag) wanted.add(EXT_KEY_USAGE.ServerAuth);
  if (role.client_flag) wanted.add(EXT_KEY_USAGE.ClientAuth);
  if (role.code_signing_flag) wanted.add(EXT_KEY_USAGE.CodeSigning);
  if (role.email_protection_flag) wanted.add(EXT_KEY_USAGE.EmailProtection);
  const given = role.ext_key_usage_oids.filter(isOid);
  if (!given.every(isEncodable)) throw failure(`unable to create certificate: ${NOT_ENCODABLE}`);
  return [...Object.values(EXT_KEY_USAGE).filter((oid) => wanted.has(oid)), ...given];
}

/** As Go's int64: the dotted text is not looked at before it is encoded. Undefined: it is one. */
export function oidProblem(text: string): string | undefined {
  return text
    .split('.')
    .map(goAtoi)
    .find((arc) => typeof arc === 'string');
}
export const isOid = (text: string): boolean => oidProblem(text) === undefined;

/** What can be encoded: at least two arcs, the first of 0, 1 and 2, and none past 39 after 0 and 1. */
export function isEncodable(text: string): boolean {
  const [first = 0, second] = text.split('.').map(Number);
  return second !== undefined && first <= 2 && (first === 2 || second < 40);
}

export const NOT_ENCODABLE = 'asn1: structure error: invalid object identifier';

/** Key usages, purposes and policies by the names that clients know them under. */
import { der } from '../../codec/der.ts';
import { JsonError, parse, type JsonObject } from '../../codec/json.ts';
import { failure } from '../../fault.ts';
import { encodePolicies, type Extension } from '../../crypto/x509/extension.ts';
import { EXT_KEY_USAGE, EXTENSION, KEY_USAGE } from '../../crypto/x509/oids.ts';

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

/** In the order of Go's table, then those given as identifiers. */
export function purposesOf(role: Purposes): string[] {
  const wanted = new Set(role.ext_key_usage.map((name) => PURPOSES.get(name.trim().toLowerCase())));
  if (role.server_flag) wanted.add(EXT_KEY_USAGE.ServerAuth);
  if (role.client_flag) wanted.add(EXT_KEY_USAGE.ClientAuth);
  if (role.code_signing_flag) wanted.add(EXT_KEY_USAGE.CodeSigning);
  if (role.email_protection_flag) wanted.add(EXT_KEY_USAGE.EmailProtection);
  return [...Object.values(EXT_KEY_USAGE).filter((oid) => wanted.has(oid)), ...role.ext_key_usage_oids];
}

const OID = /^\d+(\.\d+)+$/;
export const isOid = (text: string): boolean => OID.test(text);

/** What Go's strconv.Atoi says of the first arc that is no number. */
function atoiProblem(text: string): string {
  const wrong = text.split('.').find((arc) => !/^[+-]?\d+$/.test(arc)) ?? text;
  return `strconv.Atoi: parsing ${JSON.stringify(wrong)}: invalid syntax`;
}

function jsonPolicy(text: string): JsonObject | string {
  try {
    const value = parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type certutil.PolicyIdentifierWithQualifierEntry`;
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
}

const CPS = '1.3.6.1.5.5.7.2.1';
const NOTICE = '1.3.6.1.5.5.7.2.2';

/** A lone identifier, or JSON with `oid`, `notice` and `cps`. Throws a Fault. */
function encodePolicy(text: string): Uint8Array {
  if (isOid(text)) return der.sequence(der.oid(text));
  const policy = jsonPolicy(text);
  if (typeof policy === 'string') {
    throw failure(
      `policy identifier ${JSON.stringify(text)} is neither a valid OID: ${atoiProblem(text)}, Nor JSON Policy Identifier: ${policy}`,
    );
  }
  const value = (name: string): string => (typeof policy[name] === 'string' ? policy[name] : '');
  const oid = value('oid');
  if (!isOid(oid)) throw failure(`failed to parse oid ${JSON.stringify(oid)}: ${atoiProblem(oid)}`);
  const qualifiers: Uint8Array[] = [];
  if (value('cps') !== '') qualifiers.push(der.sequence(der.oid(CPS), der.ia5(value('cps'))));
  if (value('notice') !== '') {
    qualifiers.push(der.sequence(der.oid(NOTICE), der.sequence(der.utf8(value('notice')))));
  }
  return der.sequence(der.oid(oid), ...(qualifiers.length === 0 ? [] : [der.sequence(...qualifiers)]));
}

/** None, or one. Throws a Fault. */
export function policyExtensions(identifiers: readonly string[]): Extension[] {
  if (identifiers.length === 0) return [];
  const plain = identifiers.every(isOid);
  const value = plain ? encodePolicies(identifiers) : der.sequence(...identifiers.map(encodePolicy));
  return [{ oid: EXTENSION.certificatePolicies, critical: false, value }];
}

/** Key usages, purposes and policies by the names that clients know them under. */
import { der } from '../../codec/der.ts';
import { goAtoi } from '../../codec/go-atoi.ts';
import { isObject, JsonError, parse, type JsonObject } from '../../codec/json.ts';
import { kindOf } from '../../codec/json-value.ts';
import { failure } from '../../fault.ts';
import type { Extension } from '../../crypto/x509/extension.ts';
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
function oidProblem(text: string): string | undefined {
  return text
    .split('.')
    .map(goAtoi)
    .find((arc) => typeof arc === 'string');
}
export const isOid = (text: string): boolean => oidProblem(text) === undefined;

/** What can be encoded: at least two arcs, the first of 0, 1 and 2, and none past 39 after 0 and 1. */
function isEncodable(text: string): boolean {
  const [first = 0, second] = text.split('.').map(Number);
  return second !== undefined && first <= 2 && (first === 2 || second < 40);
}

const NOT_ENCODABLE = 'asn1: structure error: invalid object identifier';

interface Policy {
  readonly oid: string;
  readonly notice: string;
  readonly cps: string;
}

/** A field of JSON as Go finds it: its name in any letters, the last one counts, and null says nothing. */
function textOf(object: JsonObject, name: keyof Policy): string {
  let text = '';
  for (const [key, value] of Object.entries(object)) {
    if (key.toLowerCase() !== name || value === null) continue;
    if (typeof value !== 'string') {
      throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go struct field .${name} of type string`);
    }
    text = value;
  }
  return text;
}

/** None of `null`. Throws JsonError. */
function jsonPolicy(text: string): Policy | undefined {
  const value = parse(text);
  if (value === null) return undefined;
  if (!isObject(value)) {
    throw new JsonError(
      `json: cannot unmarshal ${kindOf(value)} into Go value of type certutil.PolicyIdentifierWithQualifierEntry`,
    );
  }
  return { oid: textOf(value, 'oid'), notice: textOf(value, 'notice'), cps: textOf(value, 'cps') };
}

/** A lone identifier, or JSON with `oid`, `notice` and `cps`. Nothing is none. Throws a Fault. */
function policyOf(text: string): Policy | undefined {
  if (text === '') return undefined;
  const problem = oidProblem(text);
  if (problem === undefined) return { oid: text, notice: '', cps: '' };
  try {
    const policy = jsonPolicy(text);
    const inside = policy && oidProblem(policy.oid);
    if (inside !== undefined) throw failure(inside);
    return policy;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw failure(
      `policy identifier ${JSON.stringify(text)} is neither a valid OID: ${problem}, Nor JSON Policy Identifier: ${error.message}`,
    );
  }
}

const CPS = '1.3.6.1.5.5.7.2.1';
const NOTICE = '1.3.6.1.5.5.7.2.2';

function encodePolicy({ oid, notice, cps }: Policy): Uint8Array {
  if (!isEncodable(oid)) throw failure(NOT_ENCODABLE);
  const qualifiers: Uint8Array[] = [];
  if (cps !== '') qualifiers.push(der.sequence(der.oid(CPS), der.ia5(cps)));
  if (notice !== '') qualifiers.push(der.sequence(der.oid(NOTICE), der.sequence(der.utf8(notice))));
  return der.sequence(der.oid(oid), ...(qualifiers.length === 0 ? [] : [der.sequence(...qualifiers)]));
}

/** None, or one. Throws a Fault. */
export function policyExtensions(identifiers: readonly string[]): Extension[] {
  if (identifiers.length === 0) return [];
  const policies = identifiers.map(policyOf).filter((policy) => policy !== undefined);
  return [{ oid: EXTENSION.certificatePolicies, critical: false, value: der.sequence(...policies.map(encodePolicy)) }];
}

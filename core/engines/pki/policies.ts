/** Certificate policies of a role: lone identifiers, or JSON with `oid`, `notice` and `cps`. */
import { quote } from '../../codec/go-quote.ts';
import { der } from '../../codec/der.ts';
import { isObject, JsonError, kindOf, parse, print, type JsonObject, type JsonValue } from '../../codec/json.ts';
import type { Extension } from '../../crypto/x509/extension.ts';
import { EXTENSION } from '../../crypto/x509/oids.ts';
import { failure } from '../../fault.ts';
import { isEncodable, isOid, NOT_ENCODABLE, oidProblem } from './usages.ts';

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
function policyIn(value: JsonValue): Policy | undefined {
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
    const policy = policyIn(parse(text));
    const inside = policy && oidProblem(policy.oid);
    if (inside !== undefined) throw failure(inside);
    return policy;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw failure(
      `policy identifier ${quote(text)} is neither a valid OID: ${problem}, Nor JSON Policy Identifier: ${error.message}`,
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

const MEMBERS = ['oid', 'cps', 'notice'] as const;

interface PolicyParts {
  /** Where all are lone identifiers: they stand among what a certificate has anyway. */
  readonly policies: readonly string[];
  /** Otherwise: behind that. */
  readonly extra: readonly Extension[];
}

/** Throws a Fault. */
export function policyParts(identifiers: readonly string[]): PolicyParts {
  const policies = identifiers.map(policyOf).filter((policy) => policy !== undefined);
  const encoded = policies.map(encodePolicy);
  if (identifiers.every(isOid)) return { policies: identifiers, extra: [] };
  const value = der.sequence(...encoded);
  return { policies: [], extra: [{ oid: EXTENSION.certificatePolicies, critical: false, value }] };
}

const shown = (policy: Policy): string =>
  print(new Map(MEMBERS.filter((one) => one === 'oid' || policy[one] !== '').map((one) => [one, policy[one]])));

/** What a text that is a list of policies in JSON is kept as; undefined where it is none. */
export function policiesInJson(text: string): readonly string[] | undefined {
  try {
    const value = parse(text) ?? [];
    if (!Array.isArray(value)) return undefined;
    return value.map((one) => shown(policyIn(one as JsonValue) ?? { oid: '', notice: '', cps: '' }));
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

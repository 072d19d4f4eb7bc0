/** The names and addresses that an order is for, as clients send them. */
import { parseIp } from '../../../codec/address.ts';
import { IdnaError, registeredDomain } from '../../../codec/idna.ts';
import { isObject, type JsonObject, type JsonValue } from '../../../codec/json.ts';
import { parseTimestamp, timeComplaint } from '../../../codec/rfc3339.ts';
import { goType } from '../../../codec/go-type.ts';
import type { Identifier } from './model.ts';
import { malformed, problem, problemFirst } from './problem.ts';

function identifierOf(given: JsonValue): Identifier {
  if (!isObject(given)) throw malformed(`invalid type (${goType(given)}) for value in 'identifiers'`);
  const part = (name: 'type' | 'value'): string => {
    const value = given[name];
    if (value === undefined) throw malformed(`missing ${name} argument for value in 'identifiers'`);
    if (typeof value === 'string') return value;
    throw malformed(`invalid type for ${name} argument (string) for value in 'identifiers'`);
  };
  const [type, value] = [part('type'), part('value')];
  if (value === '') throw malformed("value argument for value in 'identifiers' can not be blank");
  if (type === 'dns') return dnsName(value);
  if (type !== 'ip') throw problem('unsupportedIdentifier', `unsupported identifier type ${type}`);
  if (parseIp(value) === undefined) {
    throw malformed(`value argument (${value}) failed validation: failed parsing as IP`);
  }
  return { type, value, original: value, isWildcard: false, isIpv6: value.includes(':') };
}

function dnsName(original: string): Identifier {
  const invalid = (text: string) => malformed(`value argument (${original}) failed validation: ${text}`);
  const isWildcard = original.includes('*');
  if (isWildcard) {
    const complaint = wildcardComplaint(original);
    if (complaint !== undefined) throw invalid(`invalid wildcard: ${complaint}`);
  }
  const value = isWildcard ? original.slice('*.'.length) : original;
  if (parseIp(value) !== undefined) {
    throw malformed(`refusing to accept argument (${original}) as DNS type identifier: parsed OK as IP address`);
  }
  let ascii: string;
  try {
    ascii = registeredDomain(value);
  } catch (error) {
    throw error instanceof IdnaError ? invalid(error.message) : error;
  }
  if (ascii !== value) throw malformed(`value argument (${original}) failed IDNA round-tripping to ASCII`);
  return { type: 'dns', value, original, isWildcard, isIpv6: false };
}

function wildcardComplaint(name: string): string | undefined {
  if (name.indexOf('*') !== name.lastIndexOf('*'))
    return 'expected only one wildcard identifier in the given domain name';
  const dot = name.indexOf('.');
  if (dot < 0) return 'wildcard must not be entire domain name; need at least two domain labels';
  const label = name.slice(0, dot);
  if (!label.includes('*')) return 'expected wildcard to only be present in left-most domain label';
  return label === '*' ? undefined : 'wildcard must be entire left-most label';
}

/** Throws AcmeProblem. */
export function identifiersOf({ identifiers }: JsonObject): Identifier[] {
  if (identifiers === undefined) throw malformed('missing required identifiers argument');
  if (!Array.isArray(identifiers)) throw malformed(`invalid type (${goType(identifiers)}) for field 'identifiers'`);
  return identifiers.map((one: JsonValue) => identifierOf(one));
}

/** Seconds of the year 1, with which clients in Go say that they have no time to send. */
const NO_TIME = -62_135_596_800;

/** Nobody chooses when a certificate begins or ends. Throws AcmeProblem. */
export function refuseTimes(payload: JsonObject): void {
  for (const name of ['notBefore', 'notAfter']) {
    const value = payload[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw malformed(`invalid type (${goType(value)}) for field '${name}'`);
    const time = parseTimestamp(value);
    if (time === undefined) throw malformed(`failed parsing field '${name}' (${value}): ${timeComplaint(value)}`);
    if (time.seconds === NO_TIME && time.nanos === 0) {
      throw malformed(`provided time value is invalid '${name}' (${value})`);
    }
  }
  if (payload['notBefore'] === undefined && payload['notAfter'] === undefined) return;
  throw problemFirst('malformed', 'NotBefore and NotAfter are not supported');
}

/** A stored trusted certificate, with the rules for those that it vouches for: `cert/<name in lower case>`. */
import { assert } from '../../assert.ts';
import { isObject, type JsonValue } from '../../codec/json.ts';
import { asBoolean, asString, asStrings } from '../../codec/json-fields.ts';
import { collection, type Form } from '../../framework/collection.ts';
import { upgraded } from '../../framework/old-token-names.ts';
import {
  decodeTokenParams,
  encodeTokenParams,
  fromNanos,
  nanos,
  noTokenParams,
  storedAddresses,
  type TokenParams,
} from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

/** Lists of patterns, by their names in the API and in storage. Undefined: never set. */
export const PATTERNS = {
  allowed_names: 'AllowedNames',
  allowed_common_names: 'AllowedCommonNames',
  allowed_dns_sans: 'AllowedDNSSANs',
  allowed_email_sans: 'AllowedEmailSANs',
  allowed_uri_sans: 'AllowedURISANs',
  allowed_organizational_units: 'AllowedOrganizationalUnits',
  required_extensions: 'RequiredExtensions',
  allowed_metadata_extensions: 'AllowedMetadataExtensions',
} as const;
export type PatternName = keyof typeof PATTERNS;
export const PATTERN_NAMES = Object.keys(PATTERNS) as PatternName[];

export interface CertEntry {
  name: string;
  token: TokenParams;
  /** PEM: one or more authorities, or one leaf. */
  certificate: string;
  displayName: string;
  patterns: Partial<Record<PatternName, string[]>>;
  /** What was given under the deprecated names, to be shown again. */
  policies: string[] | undefined;
  ttl: Micros;
  maxTtl: Micros;
  period: Micros;
  boundCidrs: string[] | undefined;
  ocspCaCertificates: string;
  ocspEnabled: boolean;
  ocspServersOverride: string[] | undefined;
  ocspFailOpen: boolean;
  ocspQueryAllServers: boolean;
}

export const newEntry = (name: string): CertEntry => ({
  name,
  token: noTokenParams(),
  certificate: '',
  displayName: '',
  patterns: {},
  policies: undefined,
  ttl: 0,
  maxTtl: 0,
  period: 0,
  boundCidrs: undefined,
  ocspCaCertificates: '',
  ocspEnabled: false,
  ocspServersOverride: undefined,
  ocspFailOpen: false,
  ocspQueryAllServers: false,
});

const form: Form<CertEntry> = {
  encode: (entry) =>
    new Map<string, JsonValue>([
      ...encodeTokenParams(entry.token),
      ['Name', entry.name],
      ['Certificate', entry.certificate],
      ['DisplayName', entry.displayName],
      ['Policies', entry.policies ?? null],
      ['TTL', nanos(entry.ttl)],
      ['MaxTTL', nanos(entry.maxTtl)],
      ['Period', nanos(entry.period)],
      ...PATTERN_NAMES.map((name): [string, JsonValue] => [PATTERNS[name], entry.patterns[name] ?? null]),
      ['BoundCIDRs', entry.boundCidrs ?? null],
      ['OcspCaCertificates', entry.ocspCaCertificates],
      ['OcspEnabled', entry.ocspEnabled],
      ['OcspServersOverride', entry.ocspServersOverride ?? null],
      ['OcspFailOpen', entry.ocspFailOpen],
      ['OcspQueryAllServers', entry.ocspQueryAllServers],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored certificate is an object');
    const patterns: Partial<Record<PatternName, string[]>> = {};
    for (const name of PATTERN_NAMES) {
      const list = asStrings(stored[PATTERNS[name]]);
      if (list !== undefined) patterns[name] = list;
    }
    return upgraded({
      name: asString(stored['Name']) ?? '',
      token: decodeTokenParams(stored),
      certificate: asString(stored['Certificate']) ?? '',
      displayName: asString(stored['DisplayName']) ?? '',
      patterns,
      policies: asStrings(stored['Policies']),
      ttl: fromNanos(stored['TTL']),
      maxTtl: fromNanos(stored['MaxTTL']),
      period: fromNanos(stored['Period']),
      boundCidrs: storedAddresses(stored['BoundCIDRs']),
      ocspCaCertificates: asString(stored['OcspCaCertificates']) ?? '',
      ocspEnabled: asBoolean(stored['OcspEnabled']) ?? false,
      ocspServersOverride: asStrings(stored['OcspServersOverride']),
      ocspFailOpen: asBoolean(stored['OcspFailOpen']) ?? false,
      ocspQueryAllServers: asBoolean(stored['OcspQueryAllServers']) ?? false,
    });
  },
};

export const entries = collection<CertEntry>('cert/', form);

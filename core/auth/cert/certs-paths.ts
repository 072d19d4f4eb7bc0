/** `certs` and `certs/<name>`: whom to trust, and what for. */
import type { JsonObject } from '../../codec/json.ts';
import { decodePem } from '../../codec/pem.ts';
import { EXT_KEY_USAGE } from '../../crypto/x509/oids.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { applyOldCidrs, applyOldNumber, applyOldPolicies, oldNameFields } from '../../framework/old-token-names.ts';
import { applyTokenInput, deprecated, shownTokenParams, tokenFields } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import { wholeSeconds } from '../../runtime.ts';
import { certPaths, type CertCall } from './call.ts';
import { parseBundle } from './certificates.ts';
import { type CertEntry, newEntry, PATTERN_NAMES } from './entry.ts';

const group = (name: string): { display: JsonObject } => ({ display: { group: name } });

const patternFields = {
  allowed_names: field.commaStrings(
    'Patterns for names; one must match the common name, a DNS name or a mail address.',
    group('Constraints'),
  ),
  allowed_common_names: field.commaStrings('Patterns for names; one must match the common name.', group('Constraints')),
  allowed_dns_sans: field.commaStrings('Patterns for DNS names; one must match.', {
    display: { name: 'Allowed DNS SANs', group: 'Constraints' },
  }),
  allowed_email_sans: field.commaStrings('Patterns for mail addresses; one must match.', {
    display: { name: 'Allowed Email SANs', group: 'Constraints' },
  }),
  allowed_uri_sans: field.commaStrings('Patterns for URIs; one must match.', {
    display: { name: 'Allowed URI SANs', group: 'Constraints' },
  }),
  allowed_organizational_units: field.commaStrings(
    'Patterns for organizational units; one must match.',
    group('Constraints'),
  ),
  required_extensions: field.commaStrings(
    'Extensions that must be there, each as "oid:pattern"; their values must be ASN.1 texts.',
    { display: {} },
  ),
  allowed_metadata_extensions: field.commaStrings(
    'Extensions whose texts become metadata of the token, under their identifiers with dashes.',
    { display: {} },
  ),
};

const fields = {
  name: field.string('Name of the entry.', { required: true }),
  certificate: field.string('PEM: authorities to trust, or one certificate of a client.', {
    always: true,
    display: { editType: 'file' },
  }),
  ocsp_enabled: field.bool('Whether OCSP servers are asked at a login.'),
  ocsp_ca_certificates: field.string('PEM: further authorities, for talking to OCSP servers.', {
    display: { editType: 'file' },
  }),
  ocsp_servers_override: field.commaStrings('OCSP servers to ask instead of those that certificates name.', {
    display: {},
  }),
  ocsp_fail_open: field.bool('Whether a login goes on when no server knows the certificate.', { default: false }),
  ocsp_query_all_servers: field.bool('Whether all servers are asked, instead of the first that answers.', {
    default: false,
  }),
  ...patternFields,
  display_name: field.string('Name of clients that log in by this entry; its own unless given.'),
  ...tokenFields,
  policies: oldNameFields.policies,
  lease: field.int(deprecated('token_ttl'), { deprecated: true }),
  ttl: oldNameFields.ttl,
  max_ttl: oldNameFields.max_ttl,
  period: oldNameFields.period,
  bound_cidrs: oldNameFields.bound_cidrs,
};

function shown(entry: CertEntry): JsonObject {
  const data: JsonObject = {
    ...shownTokenParams(entry.token),
    certificate: entry.certificate,
    display_name: entry.displayName,
    ...Object.fromEntries(PATTERN_NAMES.map((name) => [name, entry.patterns[name] ?? null])),
    ocsp_ca_certificates: entry.ocspCaCertificates,
    ocsp_enabled: entry.ocspEnabled,
    ocsp_servers_override: entry.ocspServersOverride ?? null,
    ocsp_fail_open: entry.ocspFailOpen,
    ocsp_query_all_servers: entry.ocspQueryAllServers,
  };
  if (entry.ttl > 0) data['ttl'] = wholeSeconds(entry.ttl);
  if (entry.maxTtl > 0) data['max_ttl'] = wholeSeconds(entry.maxTtl);
  if (entry.period > 0) data['period'] = wholeSeconds(entry.period);
  if ((entry.policies ?? []).length > 0) data['policies'] = data['token_policies']!;
  if ((entry.boundCidrs ?? []).length > 0) data['bound_cidrs'] = entry.boundCidrs!;
  return data;
}

type Input = Parameters<typeof applyTokenInput>[1] & {
  readonly name: string;
  readonly certificate: string;
  readonly display_name: string | undefined;
  readonly ocsp_enabled: boolean | undefined;
  readonly ocsp_ca_certificates: string | undefined;
  readonly ocsp_servers_override: string[] | undefined;
  readonly ocsp_fail_open: boolean;
  readonly ocsp_query_all_servers: boolean;
  readonly policies: string[] | undefined;
  readonly lease: number | undefined;
  readonly ttl: Micros | undefined;
  readonly max_ttl: Micros | undefined;
  readonly period: Micros | undefined;
  readonly bound_cidrs: string[] | undefined;
} & { readonly [K in keyof typeof patternFields]: string[] | undefined };

async function write(input: Input, call: CertCall): Promise<Answer> {
  const name = input.name.toLowerCase();
  const entry = (await call.store.entries.get(name)) ?? newEntry(name);
  if (input.ocsp_ca_certificates !== undefined) entry.ocspCaCertificates = input.ocsp_ca_certificates;
  entry.ocspEnabled = input.ocsp_enabled ?? entry.ocspEnabled;
  entry.ocspServersOverride = input.ocsp_servers_override ?? entry.ocspServersOverride;
  // Fields with a default say nothing when they were not sent.
  const { data } = call.request;
  if (data['certificate'] !== undefined) entry.certificate = input.certificate;
  if (data['ocsp_fail_open'] !== undefined) entry.ocspFailOpen = input.ocsp_fail_open;
  if (data['ocsp_query_all_servers'] !== undefined) entry.ocspQueryAllServers = input.ocsp_query_all_servers;
  entry.displayName = input.display_name ?? entry.displayName;
  for (const pattern of PATTERN_NAMES) {
    const list = input[pattern];
    if (list !== undefined) entry.patterns[pattern] = list;
  }
  applyTokenInput(entry.token, input);
  upgradeOldNames(entry, input);
  if (entry.displayName === '') entry.displayName = name;
  checkCertificate(entry);
  await call.store.entries.put(name, entry);
  const warnings = warningsOf(entry, call);
  return warnings.length === 0 ? undefined : reply({ warnings });
}

function upgradeOldNames(entry: CertEntry, input: Input): void {
  const { token } = entry;
  applyOldPolicies(entry, input);
  applyOldNumber(entry, 'ttl', input.ttl, input.token_ttl);
  if (input.lease !== undefined && input.ttl === undefined && input.token_ttl === undefined) {
    // Go's durations are nanoseconds in 64 bits.
    entry.ttl = Number(BigInt.asIntN(64, BigInt(input.lease) * 1_000_000_000n) / 1_000n);
    token.ttl = entry.ttl;
  }
  applyOldNumber(entry, 'maxTtl', input.max_ttl, input.token_max_ttl);
  applyOldNumber(entry, 'period', input.period, input.token_period);
  applyOldCidrs(entry, input);
}

/** A client's own certificate has to be one for clients, if it says what it is for. */
function checkCertificate({ certificate }: CertEntry): void {
  const [first] = parseBundle(certificate);
  if (first === undefined) throw refuse('failed to parse certificate');
  // Spaces before it are passed over where it is used, and not here.
  if (decodePem(certificate) === undefined) throw refuse('failed to parse certificate');
  const { isCa, extKeyUsage } = first;
  const forClients = [EXT_KEY_USAGE.ClientAuth, EXT_KEY_USAGE.Any].some((purpose) => extKeyUsage.includes(purpose));
  if (!isCa && extKeyUsage.length > 0 && !forClients)
    throw refuse('nonCA certificates should have TLS client authentication set as an extended key usage');
}

function warningsOf({ token }: CertEntry, { system }: CertCall): string[] {
  const warnings: string[] = [];
  const [usual, most] = [system.defaultLeaseTtl(), system.maxLeaseTtl()];
  const greater = (what: string, given: Micros, than: Micros): void => {
    if (given > than)
      warnings.push(
        `Given ${what} of ${wholeSeconds(given)} seconds is greater than current mount/system default of ${wholeSeconds(than)} seconds`,
      );
  };
  greater('ttl', token.ttl, usual);
  greater('max_ttl', token.maxTtl, most);
  greater('period', token.period, most);
  return warnings;
}

export const certsPaths = certPaths()
  .path(
    'certs',
    'The names of all entries.',
    pageFields,
    { list: { run: ({ after, limit }, { store }) => store.entries.list({ after, limit }) } },
    { id: { suffix: 'certificates' }, display: { navigation: true, itemType: 'Certificate' } },
  )
  .path(
    'certs/:name',
    'A trusted certificate, and what those that it vouches for get.',
    fields,
    {
      read: {
        run: async ({ name }, { store }) => {
          const entry = await store.entries.get(name.toLowerCase());
          return entry && shown(entry);
        },
      },
      update: { run: write, id: { verb: 'write' } },
      delete: { run: ({ name }, { store }) => store.entries.delete(name.toLowerCase()) },
    },
    {
      resolve: ({ name }) => `certs/${name.toLowerCase()}`,
      id: { suffix: 'certificate' },
      display: { action: 'Create', itemType: 'Certificate' },
    },
  );

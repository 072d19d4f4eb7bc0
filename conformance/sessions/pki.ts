/** PKI: authorities, roles, what they issue and sign, what is revoked. Keys of curves, because making RSA's takes its time. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { AUTHORITY, PUBLIC_KEY, REQUEST } from './specimens.ts';
import { keep, plain, post, life } from './vocabulary.ts';

const issuer = fc.constantFrom('i0', 'i1', 'default', 'none', '$issuer');
const role = fc.constantFrom('r0', 'r1', 'none');
const keyType = fc.constantFrom('ec', 'ec', 'ed25519', 'odd');
const lifetime = fc.constantFrom<unknown>('1h', '30m', '720h', 600);
const commonName = fc.constantFrom('a.example.com', 'example.com', '*.example.com', 'localhost', 'ann@example.com', '');
const newIssuer: Step['captures'] = [
  { name: 'issuer', at: ['data', 'issuer_id'] },
  { name: 'root', at: ['data', 'certificate'] },
];

const authorities: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('internal', 'internal', 'exported', 'odd'),
      fc.record(
        {
          common_name: fc.constantFrom('Root', 'Root', ''),
          key_type: keyType,
          ttl: fc.constantFrom<unknown>('87600h', '1h'),
          issuer_name: fc.constantFrom('i0', 'i1', 'default', ''),
          key_name: fc.constantFrom('k0', 'k1'),
          max_path_length: fc.constantFrom<unknown>(-1, 0, 1),
          permitted_dns_domains: fc.constantFrom('example.com', ''),
          exclude_cn_from_sans: fc.boolean(),
          format: fc.constantFrom('pem', 'der', 'pem_bundle', 'odd'),
        },
        { requiredKeys: ['common_name', 'key_type'] },
      ),
    )
    .map(([kind, body]) => post(`pki/root/generate/${kind}`, body, { captures: newIssuer })),
  fc
    .tuple(keyType, fc.constantFrom('internal', 'existing'))
    .map(([key_type, kind]) =>
      post(
        `pki/intermediate/generate/${kind}`,
        { common_name: 'Between', key_type },
        { captures: keep('csr', 'data', 'csr') },
      ),
    ),
  fc
    .tuple(
      fc.constantFrom('pki/root', 'pki/issuer/i0', 'pki/issuer/none'),
      fc.record(
        { csr: fc.constantFrom('$csr', REQUEST, 'x'), ttl: lifetime, use_csr_values: fc.boolean() },
        { requiredKeys: ['csr'] },
      ),
    )
    .map(([at, body]) =>
      post(
        `${at}/sign-intermediate`,
        { common_name: 'Between', ...body },
        { captures: keep('between', 'data', 'certificate') },
      ),
    ),
  fc
    .constantFrom('$between', '$root', AUTHORITY, 'x', '')
    .map((certificate) => post('pki/intermediate/set-signed', { certificate })),
  fc
    .constantFrom('$between', '$root', AUTHORITY, `${AUTHORITY}${AUTHORITY}`, PUBLIC_KEY, 'x')
    .map((pem_bundle) => post('pki/issuers/import/cert', { pem_bundle })),
);

const issuers: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom('GET', 'DELETE'), issuer).map(([method, ref]) => step(method, `pki/issuer/${ref}`)),
  fc.tuple(issuer, fc.constantFrom('json', 'crl')).map(([ref, form]) => step('GET', `pki/issuer/${ref}/${form}`)),
  fc
    .tuple(
      fc.constantFrom('POST', 'PATCH'),
      issuer,
      fc.record(
        {
          issuer_name: fc.constantFrom('i0', 'i1', 'default', 'a b'),
          leaf_not_after_behavior: fc.constantFrom('err', 'truncate', 'permit', 'odd'),
          usage: fc.constantFrom('read-only,issuing-certificates', 'crl-signing', 'odd'),
          issuing_certificates: fc.constantFrom('http://x/ca', 'nothing'),
          enable_aia_url_templating: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([method, ref, body]) =>
      step(method, `pki/issuer/${ref}`, {
        body: JSON.stringify(body),
        headers: method === 'PATCH' ? [['Content-Type', 'application/merge-patch+json']] : [],
      }),
    ),
  fc
    .tuple(issuer, fc.boolean())
    .map(([ref, follows]) => post('pki/config/issuers', { default: ref, default_follows_latest_issuer: follows })),
  fc
    .constantFrom(
      'LIST pki/issuers',
      'LIST pki/keys',
      'GET pki/config/issuers',
      'GET pki/config/keys',
      'GET pki/key/k0',
      'DELETE pki/key/k0',
      'GET pki/ca/pem',
      'GET pki/cert/ca',
      'GET pki/cert/crl',
      'GET pki/cert/ca_chain',
      'GET pki/ca_chain',
      'DELETE pki/root',
    )
    .map(plain),
);

const configuration: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record(
      {
        issuing_certificates: fc.constantFrom('http://x/ca', '{{cluster_path}}/ca', 'nothing'),
        crl_distribution_points: fc.constantFrom('http://x/crl', ''),
        ocsp_servers: fc.constantFrom('http://x/ocsp', ''),
        enable_templating: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((body) => post('pki/config/urls', body)),
  fc
    .record(
      {
        expiry: fc.constantFrom<unknown>('72h', '1h', 'x'),
        disable: fc.boolean(),
        auto_rebuild: fc.boolean(),
        auto_rebuild_grace_period: fc.constantFrom('12h', '100h'),
        enable_delta: fc.boolean(),
        delta_rebuild_interval: fc.constantFrom('15m', '100h'),
        ocsp_disable: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((body) => post('pki/config/crl', body)),
  fc.constantFrom('https://x/v1/pki', 'nothing').map((path) => post('pki/config/cluster', { path, aia_path: path })),
  fc.constantFrom('urls', 'crl', 'cluster', 'auto-tidy', 'acme').map((what) => step('GET', `pki/config/${what}`)),
);

const roles: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        role,
        fc.record(
          {
            allowed_domains: fc.constantFrom<unknown>('example.com', ['example.com', 'localhost'], ''),
            allow_subdomains: fc.boolean(),
            allow_bare_domains: fc.boolean(),
            allow_glob_domains: fc.boolean(),
            allow_any_name: fc.boolean(),
            allow_wildcard_certificates: fc.boolean(),
            enforce_hostnames: fc.boolean(),
            allow_ip_sans: fc.boolean(),
            allowed_uri_sans: fc.constantFrom('spiffe://*', ''),
            key_type: fc.constantFrom('ec', 'ed25519', 'any', 'odd'),
            key_bits: fc.constantFrom<unknown>(0, 256, 384, 7),
            ttl: life,
            max_ttl: life,
            no_store: fc.boolean(),
            generate_lease: fc.boolean(),
            require_cn: fc.boolean(),
            use_csr_common_name: fc.boolean(),
            use_csr_sans: fc.boolean(),
            key_usage: fc.constantFrom<unknown>('DigitalSignature', [], 'Odd'),
            ext_key_usage: fc.constantFrom<unknown>('ServerAuth', [], 'Odd'),
            organization: fc.constantFrom('Org', ''),
            not_before_duration: fc.constantFrom('30s', '1h'),
            issuer_ref: fc.constantFrom('default', 'i0', 'none'),
            cn_validations: fc.constantFrom('disabled', 'email,hostname', 'odd'),
          },
          { requiredKeys: ['key_type'] },
        ),
      )
      .map(([name, body]) => post(`pki/roles/${name}`, body)),
  },
  fc.tuple(fc.constantFrom('GET', 'DELETE'), role).map(([method, name]) => step(method, `pki/roles/${name}`)),
  fc.constant(step('LIST', 'pki/roles')),
);

const names = fc.record(
  {
    common_name: commonName,
    alt_names: fc.constantFrom('b.example.com', 'b.example.com,ann@example.com', 'c.elsewhere.com', '*.example.com'),
    ip_sans: fc.constantFrom('1.2.3.4', 'x'),
    uri_sans: fc.constantFrom('spiffe://a/b', 'x'),
    other_sans: fc.constantFrom('1.2.3;utf8:x', 'x'),
    ttl: fc.constantFrom('10m', '2h', '100000h'),
    format: fc.constantFrom('pem', 'der', 'pem_bundle', 'odd'),
    exclude_cn_from_sans: fc.boolean(),
    not_after: fc.constantFrom('2027-01-01T00:00:00Z', 'x'),
    private_key_format: fc.constantFrom('der', 'pkcs8'),
  },
  { requiredKeys: ['common_name'] },
);

const issued: Step['captures'] = [
  { name: 'serial', at: ['data', 'serial_number'] },
  { name: 'leaf', at: ['data', 'certificate'] },
];

const leaves: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('pki/issue', 'pki/issue', 'pki/issuer/i0/issue'), role, names)
      .map(([at, name, body]) => post(`${at}/${name}`, body, { captures: issued })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('sign', 'sign', 'sign-verbatim'), role, names, fc.constantFrom(REQUEST, '$csr', 'x'))
      .map(([what, name, body, csr]) => post(`pki/${what}/${name}`, { ...body, csr }, { captures: issued })),
  },
  fc
    .constantFrom({ serial_number: '$serial' }, { serial_number: '01:02' }, { certificate: '$leaf' }, {})
    .map((body) => post('pki/revoke', body)),
  fc
    .constantFrom(
      'GET pki/cert/$serial',
      'GET pki/cert/01-02',
      'GET pki/crl/rotate',
      'GET pki/crl/rotate-delta',
      'LIST pki/certs',
      'LIST pki/certs/revoked',
    )
    .map(plain),
);

export const pki: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/mounts/pki', { type: 'pki' })),
  { weight: 5, arbitrary: authorities },
  { weight: 4, arbitrary: issuers },
  { weight: 2, arbitrary: configuration },
  { weight: 4, arbitrary: roles },
  { weight: 8, arbitrary: leaves },
);

export const pkiScenes: readonly (readonly Step[])[] = [
  [
    post('sys/mounts/pki', { type: 'pki' }),
    post(
      'pki/root/generate/internal',
      { common_name: 'Root', key_type: 'ec', ttl: '87600h', issuer_name: 'i0', key_name: 'k0' },
      { captures: newIssuer },
    ),
    post('pki/roles/r0', {
      allowed_domains: 'example.com',
      allow_subdomains: true,
      allow_bare_domains: true,
      key_type: 'ec',
    }),
    post('pki/issue/r0', { common_name: 'a.example.com' }, { captures: issued }),
  ],
];

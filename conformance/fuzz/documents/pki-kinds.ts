/** Certificates, requests, lists, keys and OCSP requests, wherever PKI and certificate logins read them. */
import fc from 'fast-check';
import { step } from '../../case.ts';
import { bentBase64, bentPem, pem, post, type DocumentKind } from './kinds.ts';
import * as samples from './samples.ts';

const [ROOT] = pem('CERTIFICATE', [samples.root]);
const [ROOT_KEY] = pem('PRIVATE KEY', [samples.rootKey]);

const mounted = [post('sys/mounts/pki', { type: 'pki' })];
const withIssuer = [
  ...mounted,
  post('pki/issuers/import/bundle', { pem_bundle: `${ROOT}${ROOT_KEY}` }),
  post('pki/roles/any', {
    allow_any_name: true,
    allow_localhost: true,
    key_type: 'any',
    not_after: '2080-01-01T00:00:00Z',
  }),
];
const until = '2081-01-01T00:00:00Z';

const certificates = bentPem('CERTIFICATE', [...samples.roots, ...samples.leaves]);
const requests = bentPem('CERTIFICATE REQUEST', samples.requests);
const lists = bentPem('X509 CRL', samples.lists);
const keys = bentPem('PRIVATE KEY', samples.keys);

export const pkiKinds: readonly DocumentKind[] = [
  {
    name: 'pki/issuers/import',
    before: mounted,
    documents: fc.oneof(
      certificates,
      fc.tuple(certificates, keys).map(([one, other]) => one + other),
    ),
    send: (pem_bundle) => post('pki/issuers/import/bundle', { pem_bundle }),
  },
  {
    name: 'pki/keys/import',
    before: mounted,
    documents: keys,
    send: (pem_bundle) => post('pki/keys/import', { pem_bundle }),
  },
  {
    name: 'pki/keys/pkcs1',
    before: mounted,
    documents: bentPem('RSA PRIVATE KEY', samples.pkcs1Keys),
    send: (pem_bundle) => post('pki/keys/import', { pem_bundle }),
  },
  {
    name: 'pki/keys/sec1',
    before: mounted,
    documents: bentPem('EC PRIVATE KEY', samples.sec1Keys),
    send: (pem_bundle) => post('pki/keys/import', { pem_bundle }),
  },
  {
    name: 'pki/sign',
    before: withIssuer,
    documents: requests,
    send: (csr) => post('pki/sign/any', { csr }),
  },
  {
    name: 'pki/sign-verbatim',
    before: withIssuer,
    documents: requests,
    send: (csr) => post('pki/sign-verbatim', { csr, not_after: until }),
  },
  {
    name: 'pki/sign-intermediate',
    before: withIssuer,
    documents: requests,
    send: (csr) => post('pki/root/sign-intermediate', { csr, use_csr_values: true, not_after: until }),
  },
  {
    name: 'pki/sign-self-issued',
    before: withIssuer,
    documents: bentPem('CERTIFICATE', samples.roots),
    send: (certificate) => post('pki/root/sign-self-issued', { certificate }),
  },
  {
    name: 'pki/set-signed',
    before: mounted,
    documents: certificates,
    send: (certificate) => post('pki/intermediate/set-signed', { certificate }),
  },
  {
    name: 'pki/ocsp',
    before: withIssuer,
    documents: bentBase64(samples.ocspRequests),
    send: (request) => step('GET', `pki/ocsp/${encodeURIComponent(Buffer.from(request).toString())}`),
  },
  {
    name: 'pki/revoke',
    before: withIssuer,
    documents: certificates,
    send: (certificate) => post('pki/revoke', { certificate }),
  },
  {
    name: 'pki/revoke-with-key',
    before: withIssuer,
    documents: keys,
    send: (private_key) =>
      post('pki/revoke-with-key', { certificate: pem('CERTIFICATE', [samples.leaves[0]!])[0], private_key }),
  },
  {
    name: 'pki/resign-crls',
    before: withIssuer,
    documents: lists,
    send: (list) => post('pki/issuer/default/resign-crls', { crl_number: 9, format: 'pem', crls: [list] }),
  },
  {
    name: 'cert/certs',
    before: [post('sys/auth/cert', { type: 'cert' })],
    documents: certificates,
    send: (certificate) => post('auth/cert/certs/a', { certificate }),
  },
  {
    name: 'cert/crls',
    before: [post('sys/auth/cert', { type: 'cert' })],
    documents: lists,
    send: (crl) => post('auth/cert/crls/a', { crl }),
  },
];

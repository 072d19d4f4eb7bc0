/** SSH: authorities and roles, certificates of users and hosts, one-time passwords. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { SSH_KEY } from './specimens.ts';
import { keep, plain, post, life } from './vocabulary.ts';

const role = fc.constantFrom('s0', 's1', 'otp', 'none');
const issuer = fc.constantFrom('default', 'i0', '$sshissuer', 'none');
const users = fc.constantFrom('ann', 'ann,bob', 'root', '*', '');

const authorities: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record(
      {
        generate_signing_key: fc.boolean(),
        key_type: fc.constantFrom('ed25519', 'ssh-ed25519', 'ec', 'odd'),
        key_bits: fc.constantFrom<unknown>(0, 256, 7),
        public_key: fc.constantFrom(SSH_KEY, 'x'),
      },
      { requiredKeys: ['key_type'] },
    )
    .map((body) => post('ssh/config/ca', body)),
  fc
    .record(
      {
        key_type: fc.constantFrom('ed25519', 'ec', 'odd'),
        set_default: fc.boolean(),
        issuer_name: fc.constantFrom('i0', 'default', 'a b'),
      },
      { requiredKeys: ['key_type'] },
    )
    .map((body) => post('ssh/issuers/import', body, { captures: keep('sshissuer', 'data', 'issuer_id') })),
  fc.tuple(fc.constantFrom('GET', 'DELETE'), issuer).map(([method, ref]) => step(method, `ssh/issuer/${ref}`)),
  fc
    .tuple(issuer, fc.constantFrom('i0', 'i1', 'default'))
    .map(([ref, issuer_name]) => post(`ssh/issuer/${ref}`, { issuer_name })),
  issuer.map((ref) => post('ssh/config/issuers', { default: ref })),
  fc
    .constantFrom(
      'GET ssh/config/ca',
      'DELETE ssh/config/ca',
      'GET ssh/public_key',
      'GET ssh/config/issuers',
      'LIST ssh/issuers',
      'GET ssh/issuer/i0/public_key',
    )
    .map(plain),
);

const roles: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        role,
        fc.record(
          {
            key_type: fc.constantFrom('ca', 'ca', 'ca', 'odd'),
            allow_user_certificates: fc.boolean(),
            allow_host_certificates: fc.boolean(),
            allowed_users: users,
            default_user: fc.constantFrom('ann', ''),
            allowed_domains: fc.constantFrom('example.com', '*'),
            allow_subdomains: fc.boolean(),
            allow_bare_domains: fc.boolean(),
            allowed_extensions: fc.constantFrom('permit-pty', '*', ''),
            allowed_critical_options: fc.constantFrom('force-command', ''),
            default_extensions: fc.constantFrom<unknown>({ 'permit-pty': '' }, {}),
            allow_user_key_ids: fc.boolean(),
            key_id_format: fc.constantFrom('{{token_display_name}}-x', ''),
            ttl: life,
            max_ttl: life,
            allow_empty_principals: fc.boolean(),
            not_before_duration: fc.constantFrom('30s', '1h'),
            allowed_user_key_lengths: fc.constantFrom<unknown>({ ed25519: 0 }, { rsa: 2048 }),
            algorithm_signer: fc.constantFrom('default', 'rsa-sha2-256', 'odd'),
          },
          { requiredKeys: ['key_type', 'allow_user_certificates'] },
        ),
      )
      .map(([name, body]) => post(`ssh/roles/${name}`, body)),
  },
  fc
    .record(
      {
        default_user: fc.constantFrom('ann', ''),
        cidr_list: fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', 'x', ''),
        exclude_cidr_list: fc.constantFrom('10.1.0.0/16', 'x'),
        allowed_users: users,
        port: fc.constantFrom<unknown>(22, 0),
      },
      { requiredKeys: [] },
    )
    .map((body) => post('ssh/roles/otp', { key_type: 'otp', ...body })),
  fc.tuple(fc.constantFrom('GET', 'DELETE'), role).map(([method, name]) => step(method, `ssh/roles/${name}`)),
  fc.constant(step('LIST', 'ssh/roles')),
);

const certificate = fc.record(
  {
    valid_principals: fc.constantFrom('ann', 'bob', 'ann,bob', 'a.example.com', 'example.com', ''),
    cert_type: fc.constantFrom('user', 'user', 'host', 'odd'),
    ttl: fc.constantFrom('10m', '1h', '100000h'),
    key_id: fc.constantFrom('mine', ''),
    extensions: fc.constantFrom<unknown>({ 'permit-pty': '' }, { 'permit-x11': '' }, {}),
    critical_options: fc.constantFrom<unknown>({ 'force-command': '/bin/true' }, {}),
  },
  { requiredKeys: [] },
);

const use: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(role, certificate, fc.constantFrom(SSH_KEY, SSH_KEY, 'x', ''))
    .map(([name, body, public_key]) => post(`ssh/sign/${name}`, { ...body, public_key })),
  fc
    .tuple(role, certificate, fc.constantFrom('ed25519', 'ec', 'odd'))
    .map(([name, body, key_type]) => post(`ssh/issue/${name}`, { ...body, key_type })),
  fc
    .tuple(role, fc.constantFrom('10.2.3.4', '10.1.0.1', '1.1.1.1', 'x'), fc.constantFrom('ann', 'bob', ''))
    .map(([name, ip, username]) =>
      post(`ssh/creds/${name}`, { ip, username }, { captures: keep('otp', 'data', 'key') }),
    ),
  fc.constantFrom('$otp', 'x', 'verify-echo-request').map((otp) => post('ssh/verify', { otp }, { as: 'none' })),
  fc.constantFrom('10.2.3.4', 'x').map((ip) => post('ssh/lookup', { ip })),
  fc.constantFrom('otp', 's0', 'none').map((roles) => post('ssh/config/zeroaddress', { roles })),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'ssh/config/zeroaddress')),
);

export const ssh: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/mounts/ssh', { type: 'ssh' })),
  { weight: 4, arbitrary: authorities },
  { weight: 4, arbitrary: roles },
  { weight: 6, arbitrary: use },
);

export const sshScenes: readonly (readonly Step[])[] = [
  [
    post('sys/mounts/ssh', { type: 'ssh' }),
    post('ssh/config/ca', { key_type: 'ed25519' }),
    post('ssh/roles/s0', { key_type: 'ca', allow_user_certificates: true, allowed_users: 'ann' }),
    post('ssh/roles/otp', { key_type: 'otp', default_user: 'ann', cidr_list: '10.0.0.0/8' }),
  ],
];

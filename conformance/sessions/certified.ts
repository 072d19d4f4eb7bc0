/** Logins by what another has signed: JWT, and what is kept of TLS certificates (a session has no TLS of its own). */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { AUTHORITY, PUBLIC_KEY, TOKENS } from './specimens.ts';
import { made, plain, policy, post, slot, life } from './vocabulary.ts';

const name = fc.constantFrom('j0', 'j1', 'none');
const ISSUER = 'https://issuer.example.com';

export const jwt: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/auth/j', { type: 'jwt' })),
  fc
    .record(
      {
        jwt_validation_pubkeys: fc.constantFrom<unknown>(PUBLIC_KEY, [PUBLIC_KEY], 'x', ''),
        bound_issuer: fc.constantFrom(ISSUER, 'https://no', ''),
        jwt_supported_algs: fc.constantFrom<unknown>('ES256', ['RS256'], 'odd'),
        default_role: fc.constantFrom('j0', ''),
        jwks_url: fc.constantFrom('http://127.0.0.1:1/keys', ''),
      },
      { requiredKeys: ['jwt_validation_pubkeys'] },
    )
    .map((body) => post('auth/j/config', body)),
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        name,
        fc.record(
          {
            role_type: fc.constantFrom('jwt', 'oidc', 'odd'),
            user_claim: fc.constantFrom('sub', 'none', ''),
            bound_audiences: fc.constantFrom<unknown>('steamer', ['other', 'steamer'], ''),
            bound_subject: fc.constantFrom('ann', ''),
            bound_claims: fc.constantFrom<unknown>({ groups: ['red'] }, { groups: 'r*' }, { n: 1 }),
            bound_claims_type: fc.constantFrom('string', 'glob', 'odd'),
            claim_mappings: fc.constantFrom<unknown>({ sub: 'who' }, { '/n/a': 'inner' }, { none: 'x' }),
            groups_claim: fc.constantFrom('groups', 'none'),
            user_claim_json_pointer: fc.boolean(),
            expiration_leeway: fc.constantFrom<unknown>(0, '10s', -1),
            token_policies: fc.uniqueArray(policy, { maxLength: 2 }),
            token_ttl: life,
            token_type: fc.constantFrom('service', 'batch', 'default'),
            token_num_uses: fc.constantFrom(0, 1),
          },
          { requiredKeys: ['role_type', 'user_claim'] },
        ),
      )
      .map(([role, body]) => post(`auth/j/role/${role}`, body)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('j0', 'j0', 'j1', 'none', ''),
        fc.constantFrom(TOKENS.good, TOKENS.good, TOKENS.bob, TOKENS.expired, TOKENS.wrong, `${TOKENS.good}x`, 'x', ''),
        slot,
      )
      .map(([role, token, as]) => post('auth/j/login', { role, jwt: token }, { as: 'none', captures: made(as) })),
  },
  fc.tuple(fc.constantFrom('GET', 'DELETE'), name).map(([method, role]) => step(method, `auth/j/role/${role}`)),
  fc.constantFrom('LIST auth/j/role', 'GET auth/j/config').map(plain),
);

export const cert: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/auth/c', { type: 'cert' })),
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        name,
        fc.record(
          {
            certificate: fc.constantFrom(AUTHORITY, AUTHORITY, 'x', ''),
            allowed_common_names: fc.constantFrom<unknown>('a*', ['a', 'b']),
            allowed_organizational_units: fc.constantFrom('ou', ''),
            required_extensions: fc.constantFrom('1.2.3:x', ''),
            ocsp_enabled: fc.boolean(),
            ocsp_ca_certificates: fc.constantFrom(AUTHORITY, 'x'),
            display_name: fc.constantFrom('shown', ''),
            token_policies: fc.uniqueArray(policy, { maxLength: 2 }),
            token_ttl: life,
            token_bound_cidrs: fc.constantFrom('127.0.0.1', 'x'),
          },
          { requiredKeys: ['certificate'] },
        ),
      )
      .map(([at, body]) => post(`auth/c/certs/${at}`, body)),
  },
  fc
    .tuple(fc.constantFrom('GET', 'DELETE'), fc.constantFrom('certs', 'crls'), name)
    .map(([method, what, at]) => step(method, `auth/c/${what}/${at}`)),
  fc.constantFrom('x', '').map((crl) => post('auth/c/crls/j0', { crl })),
  fc
    .record(
      { disable_binding: fc.boolean(), ocsp_cache_size: fc.constantFrom<unknown>(0, 5, 100_001) },
      { requiredKeys: [] },
    )
    .map((body) => post('auth/c/config', body)),
  fc.constantFrom('LIST auth/c/certs', 'LIST auth/c/crls', 'GET auth/c/config').map(plain),
  fc.constant(post('auth/c/login', {}, { as: 'none' })),
);

export const jwtScenes: readonly (readonly Step[])[] = [
  [
    post('sys/auth/j', { type: 'jwt' }),
    post('auth/j/config', { jwt_validation_pubkeys: PUBLIC_KEY, bound_issuer: ISSUER }),
    post('auth/j/role/j0', { role_type: 'jwt', user_claim: 'sub', bound_audiences: 'steamer', token_policies: 'p0' }),
  ],
];

/** What is left of the system: token roles, leases, quotas, password policies, the tools. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { json, made, mount, policy, slot, ttl } from './vocabulary.ts';

const tokenRoles: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record(
      {
        allowed_policies: fc.uniqueArray(policy, { maxLength: 2 }),
        disallowed_policies: fc.uniqueArray(policy, { maxLength: 1 }),
        orphan: fc.boolean(),
        renewable: fc.boolean(),
        token_explicit_max_ttl: fc.constantFrom<unknown>('1h', 0),
        token_period: fc.constantFrom<unknown>('30m', 0),
        token_type: fc.constantFrom('service', 'batch', 'default-service', 'default-batch'),
        path_suffix: fc.constantFrom('v1', ''),
      },
      { requiredKeys: [] },
    )
    .map((body) => step('POST', 'auth/token/roles/role', { body: json(body) })),
  fc
    .constantFrom<unknown>(
      { token_type: 'odd' },
      { token_period: 'x' },
      { path_suffix: '.' },
      { token_bound_cidrs: 'x' },
    )
    .map((body) => step('POST', 'auth/token/roles/role', { body: json(body) })),
  fc
    .tuple(fc.uniqueArray(policy, { maxLength: 2 }), slot)
    .map(([policies, name]) =>
      step('POST', 'auth/token/create/role', { body: json({ policies }), captures: made(name) }),
    ),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'auth/token/roles/role')),
);

const leases: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom('lookup', 'renew', 'revoke')
    .map((what) => step('PUT', `sys/leases/${what}`, { body: json({ lease_id: 'm0/none' }) })),
  fc.constantFrom('auth/u/login', 'm0', 'm0/').map((prefix) => step('LIST', `sys/leases/lookup/${prefix}`)),
  fc.constantFrom('revoke-prefix', 'revoke-force').map((what) => step('PUT', `sys/leases/${what}/m0`)),
  slot.map((name) =>
    step('POST', 'auth/token/renew-accessor', { body: json({ accessor: `$${name}acc`, increment: '2h' }) }),
  ),
);

const quotas: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(fc.constantFrom<unknown>(1000, 5000.5, 0, -1, 'x'), fc.constantFrom<unknown>(undefined, '1s', '0.5s'), mount)
    .map(([rate, interval, path]) =>
      step('POST', 'sys/quotas/rate-limit/q', { body: json({ rate, interval, path: `${path}/` }) }),
    ),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'sys/quotas/rate-limit/q')),
  fc
    .tuple(fc.constantFrom<unknown>(1000, 0, -1, 'x'), mount)
    .map(([most, path]) =>
      step('POST', 'sys/quotas/lease-count/q', { body: json({ max_leases: most, path: `${path}/` }) }),
    ),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'sys/quotas/lease-count/q')),
);

const passwords: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom('length = 20 rule "charset" { charset = "ab" }', 'length = 2', 'length = "x"', '', 'rule "odd" {}')
    .map((text) => step('PUT', 'sys/policies/password/pw', { body: json({ policy: text }) })),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'sys/policies/password/pw')),
  fc.constant(step('GET', 'sys/policies/password/pw/generate')),
  fc.constantFrom('LIST', 'SCAN').map((method) => step(method, 'sys/policies/password')),
);

const remounts: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(mount, ttl)
    .map(([at, value]) => step('POST', `sys/mounts/${at}/tune`, { body: json({ default_lease_ttl: value }) })),
  fc
    .constantFrom<unknown>(
      { description: 'd' },
      { options: { version: '2' } },
      { audit_non_hmac_request_keys: 'a,b' },
      { listing_visibility: 'odd' },
    )
    .map((body) => step('POST', 'sys/mounts/m1/tune', { body: json(body) })),
  fc.constantFrom('m0', 'auth/r').map((path) => step('GET', `sys/internal/ui/mounts/${path}`)),
);

// Not deleted: that goes on in the background, and what is asked meanwhile is chance.
const namespaces: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('n0', 'n1', 'n0/n2', 'root', 'a%20b'),
      fc.constantFrom<unknown>({}, { custom_metadata: { k: 'v' } }, { custom_metadata: 'x' }),
    )
    .map(([name, body]) => step('POST', `sys/namespaces/${name}`, { body: json(body) })),
  fc.constantFrom('n0', 'n1', 'none').map((name) => step('GET', `sys/namespaces/${name}`)),
  fc
    .constantFrom('n0', 'none')
    .map((name) => step('PATCH', `sys/namespaces/${name}`, { body: json({ custom_metadata: { a: 'b' } }) })),
  fc.constantFrom('LIST', 'SCAN').map((method) => step(method, 'sys/namespaces')),
);

const tools: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '/sha2-512', '/odd'),
      fc.constantFrom<unknown>('YQ==', 'a', ''),
      fc.constantFrom('hex', 'base64', 'x'),
    )
    .map(([path, input, format]) => step('POST', `sys/tools/hash${path}`, { body: json({ input, format }) })),
  fc
    .constantFrom('', '/5', '/x', '/platform/3', '/0')
    .map((path) => step('POST', `sys/tools/random${path}`, { body: '{}' })),
);

export const system: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: tokenRoles },
  { weight: 2, arbitrary: leases },
  { weight: 2, arbitrary: quotas },
  passwords,
  { weight: 2, arbitrary: remounts },
  tools,
  { weight: 2, arbitrary: namespaces },
);

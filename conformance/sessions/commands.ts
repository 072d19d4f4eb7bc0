/**
 * What a generated session is made of: requests over few names, so that they meet. '~' stands for the session's own
 * prefix; tokens and wrapping tokens are kept in slots, and a slot that nothing was put into is just a wrong token.
 */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';

const slot = fc.constantFrom('t0', 't1', 't2');
const who = fc.oneof(
  { weight: 6, arbitrary: fc.constant('root') },
  { weight: 4, arbitrary: slot.map((name) => `$${name}`) },
  { weight: 1, arbitrary: fc.constantFrom('none', 'nobody') },
);
const mount = fc.constantFrom('~m0', '~m1');
const key = fc.constantFrom('a', 'b', 'dir/a', 'dir/sub/c', 'dir', 'A%20b');
const policy = fc.constantFrom('~p0', '~p1', '~p2');
const ttl = fc.constantFrom<unknown>('1h', '30m', 0, '', '90000h', -1, 'x', 7200, '1d');
const json = (value: unknown): string => JSON.stringify(value);

const value = fc.oneof(
  fc.constantFrom<unknown>(1, 'x', '', null, true, [1, { a: null }], {}, 1.5, '<&>', 'ü😀'),
  fc.integer({ min: -5, max: 1_000_000 }),
);
const data = fc.dictionary(fc.constantFrom('x', 'y', 'ttl', 'lease'), value, { maxKeys: 3 });

const PATHS = [
  '~m0/*',
  '~m0/data/*',
  '~m0/a',
  '~m1/*',
  '~m1/+/a',
  '~m0/data/dir/+/c',
  '~m0/metadata/*',
  'auth/token/*',
  'sys/policies/acl/*',
  '~m1/dir*',
];
const capability = fc.constantFrom(
  'create',
  'read',
  'update',
  'delete',
  'list',
  'sudo',
  'patch',
  'scan',
  'deny',
  'fly',
);
const rules = fc.array(fc.tuple(fc.constantFrom(...PATHS), fc.uniqueArray(capability, { maxLength: 4 })), {
  minLength: 1,
  maxLength: 3,
});
const policyText = rules.map((list) =>
  list.map(([path, capabilities]) => `path "${path}" { capabilities = ${json(capabilities)} }`).join('\n'),
);

const by = (made: fc.Arbitrary<Step>): fc.Arbitrary<Step> => fc.tuple(made, who).map(([one, as]) => ({ ...one, as }));

const mounting = fc.oneof(
  fc
    .tuple(mount, fc.constantFrom('1', '2', '2'))
    .map(([at, version]) => step('POST', `sys/mounts/${at}`, { body: json({ type: 'kv', options: { version } }) })),
  mount.map((at) => step('DELETE', `sys/mounts/${at}`)),
  mount.map((at) => step('GET', `sys/mounts/${at}`)),
  fc
    .tuple(mount, ttl, ttl)
    .map(([at, low, high]) =>
      step('POST', `sys/mounts/${at}/tune`, { body: json({ default_lease_ttl: low, max_lease_ttl: high }) }),
    ),
  mount.map((at) => step('GET', `sys/mounts/${at}/tune`)),
);

const options = fc.option(fc.record({ cas: fc.constantFrom<unknown>(0, 1, 2, 'x') }), { nil: undefined });
const versions = fc.record({ versions: fc.array(fc.constantFrom<unknown>(1, 2, 3, 0, -1, 'x'), { maxLength: 3 }) });

const kv = fc.oneof(
  fc.tuple(mount, key, data).map(([at, name, body]) => step('PUT', `${at}/${name}`, { body: json(body) })),
  fc
    .tuple(fc.constantFrom('GET', 'DELETE', 'LIST', 'SCAN', 'HEAD'), mount, key)
    .map(([method, at, name]) => step(method, `${at}/${name}`)),
  fc
    .tuple(fc.constantFrom('PUT', 'POST', 'PATCH'), mount, key, data, options)
    .map(([method, at, name, inner, opts]) =>
      step(method, `${at}/data/${name}`, { body: json({ data: inner, options: opts }) }),
    ),
  fc
    .tuple(
      fc.constantFrom('GET', 'DELETE'),
      mount,
      key,
      fc.constantFrom('', '', '?version=1', '?version=0', '?version=x'),
    )
    .map(([method, at, name, query]) => step(method, `${at}/data/${name}${query}`)),
  fc
    .tuple(fc.constantFrom('delete', 'undelete', 'destroy'), mount, key, versions)
    .map(([what, at, name, body]) => step('POST', `${at}/${what}/${name}`, { body: json(body) })),
  fc
    .tuple(fc.constantFrom('GET', 'DELETE', 'LIST', 'SCAN'), mount, key)
    .map(([method, at, name]) => step(method, `${at}/metadata/${name}`)),
  fc
    .tuple(fc.constantFrom('POST', 'PATCH'), mount, key, fc.integer({ min: -1, max: 3 }), fc.boolean())
    .map(([method, at, name, most, cas]) =>
      step(method, `${at}/metadata/${name}`, {
        body: json({ max_versions: most, cas_required: cas, custom_metadata: { k: 'v' } }),
      }),
    ),
  fc.tuple(mount, key).map(([at, name]) => step('GET', `${at}/subkeys/${name}`)),
  fc
    .tuple(mount, fc.integer({ min: 0, max: 3 }), fc.boolean())
    .map(([at, most, cas]) => step('POST', `${at}/config`, { body: json({ max_versions: most, cas_required: cas }) })),
);

const policies = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(policy, policyText)
      .map(([name, text]) => step('PUT', `sys/policies/acl/${name}`, { body: json({ policy: text }) })),
  },
  { weight: 1, arbitrary: policy.map((name) => step('GET', `sys/policies/acl/${name}`)) },
  { weight: 1, arbitrary: policy.map((name) => step('DELETE', `sys/policies/acl/${name}`)) },
);

const tokenBody = fc.record(
  {
    policies: fc.uniqueArray(fc.oneof(policy, fc.constantFrom('default', 'root')), { maxLength: 3 }),
    ttl,
    explicit_max_ttl: ttl,
    period: ttl,
    num_uses: fc.constantFrom(0, 1, 2, 5),
    renewable: fc.boolean(),
    no_parent: fc.boolean(),
    no_default_policy: fc.boolean(),
    type: fc.constantFrom('service', 'batch', 'service', 'odd'),
    meta: fc.constant({ k: 'v' }),
  },
  { requiredKeys: ['policies'] },
);

const made = (name: string): Step['captures'] => [
  { name, at: ['auth', 'client_token'] },
  { name: `${name}acc`, at: ['auth', 'accessor'] },
];

const tokens = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(tokenBody, slot, fc.constantFrom('create', 'create', 'create-orphan'))
      .map(([body, name, path]) => step('POST', `auth/token/${path}`, { body: json(body), captures: made(name) })),
  },
  {
    weight: 1,
    arbitrary: slot.map((name) => step('POST', 'auth/token/lookup', { body: json({ token: `$${name}` }) })),
  },
  {
    weight: 1,
    arbitrary: slot.map((name) =>
      step('POST', 'auth/token/lookup-accessor', { body: json({ accessor: `$${name}acc` }) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('GET auth/token/lookup-self', 'POST auth/token/renew-self')
      .map((text) => step(text.split(' ')[0]!, text.split(' ')[1]!)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(slot, ttl)
      .map(([name, increment]) => step('POST', 'auth/token/renew', { body: json({ token: `$${name}`, increment }) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(slot, fc.constantFrom('revoke', 'revoke-orphan'))
      .map(([name, path]) => step('POST', `auth/token/${path}`, { body: json({ token: `$${name}` }) })),
  },
  {
    weight: 1,
    arbitrary: slot.map((name) =>
      step('POST', 'auth/token/revoke-accessor', { body: json({ accessor: `$${name}acc` }) }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom('~m0/a', '~m0/data/a', '~m1/x/a', 'sys/mounts', 'auth/token/create'), { maxLength: 3 })
      .map((paths) => step('POST', 'sys/capabilities-self', { body: json({ paths }) })),
  },
);

const wrapping = fc.oneof(
  fc.tuple(mount, key, fc.constantFrom('60', '1h', '0', 'x')).map(([at, name, wrap]) =>
    step('GET', `${at}/${name}`, {
      headers: [['X-Vault-Wrap-TTL', wrap]],
      captures: [{ name: 'w', at: ['wrap_info', 'token'] }],
    }),
  ),
  tokenBody.map((body) =>
    step('POST', 'auth/token/create', {
      body: json(body),
      headers: [['X-Vault-Wrap-TTL', '5m']],
      captures: [{ name: 'w', at: ['wrap_info', 'token'] }],
    }),
  ),
  fc
    .constantFrom('lookup', 'unwrap', 'rewrap')
    .map((what) => step('POST', `sys/wrapping/${what}`, { body: json({ token: '$w' }) })),
  data.map((body) =>
    step('POST', 'sys/wrapping/wrap', {
      body: json(body),
      headers: [['X-Vault-Wrap-TTL', '5m']],
      captures: [{ name: 'w', at: ['wrap_info', 'token'] }],
    }),
  ),
);

// Only one of several wrong fields is named, and which is chance: the maps of the real server have no order.
const roles = fc.oneof(
  fc.constant(step('POST', 'sys/auth/~r', { body: json({ type: 'approle' }) })),
  fc
    .tuple(
      fc.record(
        {
          token_policies: fc.uniqueArray(policy, { maxLength: 2 }),
          token_ttl: fc.constantFrom('10m', 60, ''),
          token_max_ttl: ttl,
          token_num_uses: fc.constantFrom(0, 2),
          secret_id_num_uses: fc.constantFrom(0, 1),
          bind_secret_id: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([body]) => step('POST', 'auth/~r/role/one', { body: json(body) })),
  fc.constant(step('GET', 'auth/~r/role/one/role-id', { captures: [{ name: 'role', at: ['data', 'role_id'] }] })),
  fc.constant(
    step('POST', 'auth/~r/role/one/secret-id', { body: '{}', captures: [{ name: 'sid', at: ['data', 'secret_id'] }] }),
  ),
  slot.map((name) =>
    step('POST', 'auth/~r/login', {
      body: json({ role_id: '$role', secret_id: '$sid' }),
      as: 'none',
      captures: made(name),
    }),
  ),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'auth/~r/role/one')),
  fc.constant(step('DELETE', 'sys/auth/~r')),
);

const cubbyhole = fc.oneof(
  fc.tuple(key, data).map(([name, body]) => step('PUT', `cubbyhole/${name}`, { body: json(body) })),
  fc.tuple(fc.constantFrom('GET', 'LIST', 'DELETE'), key).map(([method, name]) => step(method, `cubbyhole/${name}`)),
);

const odd = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('GET', 'PUT', 'PATCH', 'LIST', 'OPTIONS'),
      fc.constantFrom('~m0', '~m0/', 'sys/nothere', '~none/x', 'auth/~none/login', '~m1/data'),
    )
    .map(([method, path]) => step(method, path, method === 'PUT' || method === 'PATCH' ? { body: '{"a":1}' } : {})),
  fc
    .tuple(mount, fc.constantFrom('{', '[1]', 'null', '"x"', '{"data":{"x":1e400}}', '{"data":'))
    .map(([at, body]) => step('PUT', `${at}/data/a`, { body })),
);

export const commands: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: by(mounting) },
  { weight: 8, arbitrary: by(kv) },
  { weight: 3, arbitrary: policies },
  { weight: 6, arbitrary: by(tokens) },
  { weight: 3, arbitrary: by(wrapping) },
  { weight: 4, arbitrary: roles },
  { weight: 2, arbitrary: by(cubbyhole) },
  { weight: 1, arbitrary: by(odd) },
);

/** Begins with engines to talk to, more often than not. */
export const sessions: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.subarray([
      step('POST', 'sys/mounts/~m0', { body: '{"type":"kv","options":{"version":"2"}}' }),
      step('POST', 'sys/mounts/~m1', { body: '{"type":"kv","options":{"version":"1"}}' }),
      step('POST', 'sys/auth/~r', { body: '{"type":"approle"}' }),
    ]),
    fc.array(commands, { minLength: 3, maxLength: 25 }),
  )
  .map(([first, rest]) => [...first, ...rest]);

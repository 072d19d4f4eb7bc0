/** What a generated session is made of, valid and invalid. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import type { Operation } from '../operations.ts';
import { bent } from './bent.ts';
import { borrowed } from './borrowed.ts';
import { cert, jwt } from './certified.ts';
import { identity } from './identity.ts';
import { identityTokens } from './identity-tokens.ts';
import { approle, userpass } from './logins.ts';
import { database, kubernetes, rabbitmq } from './outside.ts';
import { pki } from './pki.ts';
import { scenes } from './scenes.ts';
import { ssh } from './ssh.ts';
import { system } from './system.ts';
import { totp } from './totp.ts';
import { transit } from './transit.ts';
import { by, data, json, key, made, mount, plain, policy, slot, ttl } from './vocabulary.ts';

const PATHS = [
  'm0/*',
  'm0/data/*',
  'm0/a',
  'm1/*',
  'm1/+/a',
  'm0/data/dir/+/c',
  'm0/metadata/*',
  'auth/token/*',
  'sys/policies/acl/*',
  'm1/dir*',
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
    arbitrary: fc.constantFrom('GET auth/token/lookup-self', 'POST auth/token/renew-self').map(plain),
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
      .array(fc.constantFrom('m0/a', 'm0/data/a', 'm1/x/a', 'sys/mounts', 'auth/token/create'), { maxLength: 3 })
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

const cubbyhole = fc.oneof(
  fc.tuple(key, data).map(([name, body]) => step('PUT', `cubbyhole/${name}`, { body: json(body) })),
  fc.tuple(fc.constantFrom('GET', 'LIST', 'DELETE'), key).map(([method, name]) => step(method, `cubbyhole/${name}`)),
);

const odd = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('GET', 'PUT', 'PATCH', 'LIST', 'OPTIONS'),
      fc.constantFrom('m0', 'm0/', 'sys/nothere', 'none/x', 'auth/none/login', 'm1/data'),
    )
    .map(([method, path]) => step(method, path, method === 'PUT' || method === 'PATCH' ? { body: '{"a":1}' } : {})),
  fc
    .tuple(mount, fc.constantFrom('{', '[1]', 'null', '"x"', '{"data":{"x":1e400}}', '{"data":'))
    .map(([at, body]) => step('PUT', `${at}/data/a`, { body })),
);

/** By the area of the API, each with how often it is drawn. */
const families: Readonly<Record<string, { readonly weight: number; readonly arbitrary: fc.Arbitrary<Step> }>> = {
  sys: { weight: 6, arbitrary: fc.oneof(by(mounting), by(system)) },
  kv: { weight: 8, arbitrary: by(kv) },
  policies: { weight: 3, arbitrary: policies },
  token: { weight: 6, arbitrary: by(tokens) },
  wrapping: { weight: 3, arbitrary: by(wrapping) },
  cubbyhole: { weight: 2, arbitrary: by(cubbyhole) },
  approle: { weight: 4, arbitrary: approle },
  userpass: { weight: 2, arbitrary: userpass },
  identity: { weight: 7, arbitrary: fc.oneof(by(identity), by(identityTokens)) },
  transit: { weight: 4, arbitrary: by(transit) },
  totp: { weight: 2, arbitrary: by(totp) },
  pki: { weight: 4, arbitrary: by(pki) },
  ssh: { weight: 3, arbitrary: by(ssh) },
  database: { weight: 2, arbitrary: by(database) },
  rabbitmq: { weight: 1, arbitrary: by(rabbitmq) },
  kubernetes: { weight: 1, arbitrary: by(kubernetes) },
  jwt: { weight: 3, arbitrary: jwt },
  cert: { weight: 1, arbitrary: cert },
  odd: { weight: 1, arbitrary: by(odd) },
};

export const AREAS: readonly string[] = Object.keys(families);

/**
 * Of requests to all that needs no outside system; with an area, mostly of that one. Begins with some scenes, so that
 * what follows meets something. Every other session is one of those that cases lend, with
 * the documented fields of these operations varied.
 */
export function sessions(area?: string, operations: readonly Operation[] = []): fc.Arbitrary<Step[]> {
  const all = fc.oneof(...Object.values(families));
  const own = area === undefined ? undefined : families[area]?.arbitrary;
  const straight = own === undefined ? all : fc.oneof({ weight: 9, arbitrary: own }, { weight: 1, arbitrary: all });
  const commands = fc.oneof({ weight: 9, arbitrary: straight }, { weight: 1, arbitrary: bent(straight) });
  const made = fc
    .tuple(fc.subarray([...scenes]), fc.array(commands, { minLength: 5, maxLength: 30 }))
    .map(([first, rest]) => [...first.flat(), ...rest]);
  const other = borrowed(operations, area);
  if (other === undefined) return made;
  return fc.oneof({ weight: 1, arbitrary: made }, { weight: 1, arbitrary: other });
}

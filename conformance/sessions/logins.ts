/** AppRole and userpass: mounting, roles and users, logins that succeed and fail, what becomes of the tokens. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { json, made, plain, policy, slot, ttl } from './vocabulary.ts';

const approleFields = fc.record(
  {
    token_policies: fc.uniqueArray(policy, { maxLength: 2 }),
    token_ttl: fc.constantFrom('10m', 60, ''),
    token_max_ttl: ttl,
    token_num_uses: fc.constantFrom(0, 2),
    secret_id_num_uses: fc.constantFrom(0, 1),
    bind_secret_id: fc.boolean(),
    token_type: fc.constantFrom('service', 'batch', 'default'),
  },
  { requiredKeys: [] },
);

// Only one of several wrong fields is named, and which is chance: the maps of the real server have no order.
const wrongFields = fc.constantFrom<Readonly<Record<string, unknown>>>(
  { token_ttl: 'x' },
  { token_ttl: '2h', token_max_ttl: '1h' },
  { token_type: 'odd' },
  { secret_id_num_uses: -1 },
  { token_period: -5 },
  { token_bound_cidrs: 'nowhere' },
  { secret_id_bound_cidrs: '10.0.0.0/33' },
  { local_secret_ids: true },
  { bind_secret_id: 'perhaps' },
);

const secretIdFields = fc.constantFrom<Readonly<Record<string, unknown>>>(
  {},
  { num_uses: 1 },
  { ttl: '5m' },
  { metadata: '{"k":"v"}' },
  { metadata: 'nothing' },
  { cidr_list: '127.0.0.1/32' },
  { cidr_list: '10.0.0.0/8' },
  { num_uses: -1 },
  { ttl: 'x' },
);

const role = 'auth/r/role/one';

export const approle: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(step('POST', 'sys/auth/r', { body: json({ type: 'approle' }) })),
  { weight: 3, arbitrary: approleFields.map((body) => step('POST', role, { body: json(body) })) },
  wrongFields.map((body) => step('POST', role, { body: json(body) })),
  fc.constant(step('GET', `${role}/role-id`, { captures: [{ name: 'role', at: ['data', 'role_id'] }] })),
  fc.constantFrom('mine', '').map((id) => step('POST', `${role}/role-id`, { body: json({ role_id: id }) })),
  {
    weight: 3,
    arbitrary: secretIdFields.map((body) =>
      step('POST', `${role}/secret-id`, {
        body: json(body),
        captures: [
          { name: 'sid', at: ['data', 'secret_id'] },
          { name: 'sacc', at: ['data', 'secret_id_accessor'] },
        ],
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(slot, fc.constantFrom('$sid', '$sid', 'wrong', '')).map(([name, id]) =>
      step('POST', 'auth/r/login', {
        body: json({ role_id: '$role', secret_id: id }),
        as: 'none',
        captures: made(name),
      }),
    ),
  },
  fc
    .constantFrom('lookup', 'destroy')
    .map((what) => step('POST', `${role}/secret-id/${what}`, { body: json({ secret_id: '$sid' }) })),
  fc
    .constantFrom('lookup', 'destroy')
    .map((what) => step('POST', `${role}/secret-id-accessor/${what}`, { body: json({ secret_id_accessor: '$sacc' }) })),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, role)),
  fc.constantFrom('LIST auth/r/role', `LIST ${role}/secret-id`).map(plain),
  fc.constant(step('DELETE', 'sys/auth/r')),
);

const user = fc.constantFrom('ann', 'bob', 'Ann');
const password = fc.constantFrom('p', 'p', 'p', 'wrong', '');

export const userpass: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(step('POST', 'sys/auth/u', { body: json({ type: 'userpass' }) })),
  fc
    .tuple(
      user,
      fc.record(
        {
          password,
          token_policies: fc.uniqueArray(policy, { maxLength: 2 }),
          token_ttl: ttl,
          token_num_uses: fc.constantFrom(0, 1),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([name, body]) => step('POST', `auth/u/users/${name}`, { body: json(body) })),
  fc
    .tuple(user, password, slot)
    .map(([name, word, as]) =>
      step('POST', `auth/u/login/${name}`, { body: json({ password: word }), as: 'none', captures: made(as) }),
    ),
  fc.tuple(fc.constantFrom('GET', 'DELETE'), user).map(([method, name]) => step(method, `auth/u/users/${name}`)),
  fc
    .tuple(user, policy)
    .map(([name, text]) => step('POST', `auth/u/users/${name}/policies`, { body: json({ token_policies: text }) })),
  fc.constant(step('LIST', 'auth/u/users')),
  fc.constant(step('DELETE', 'sys/auth/u')),
);

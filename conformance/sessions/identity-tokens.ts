/** What identity has beside entities and groups: merging, OIDC, login MFA. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { keep, post } from './vocabulary.ts';

const name = fc.constantFrom('o0', 'o1', 'default');
const ids = fc.constantFrom<unknown>(['*'], [], ['$client'], ['none']);
const short = fc.constantFrom<unknown>('10m', '2h', 0);
// One at a time: which of several wrong fields is named is chance.
const wrong = fc.constantFrom<unknown>('x', -1);

const oidc: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      name,
      fc.record(
        {
          algorithm: fc.constantFrom('ES256', 'EdDSA', 'odd'),
          allowed_client_ids: ids,
          rotation_period: short,
          verification_ttl: short,
        },
        { requiredKeys: ['algorithm'] },
      ),
    )
    .map(([one, body]) => post(`identity/oidc/key/${one}`, body)),
  fc
    .tuple(
      name,
      fc.record(
        {
          key: name,
          template: fc.constantFrom('', '{"n":{{identity.entity.name}}}', '{"sub":"x"}', 'odd'),
          ttl: short,
          client_id: fc.constantFrom('mine', ''),
        },
        { requiredKeys: ['key'] },
      ),
    )
    .map(([one, body]) => post(`identity/oidc/role/${one}`, body)),
  fc
    .tuple(
      name,
      fc.record(
        {
          redirect_uris: fc.constantFrom<unknown>('http://localhost:9/cb', [], 'odd'),
          assignments: fc.constantFrom<unknown>(['allow_all'], ['o0'], []),
          client_type: fc.constantFrom('confidential', 'public', 'odd'),
          id_token_ttl: short,
          access_token_ttl: short,
        },
        { requiredKeys: [] },
      ),
    )
    .map(([one, body]) => post(`identity/oidc/client/${one}`, body)),
  fc
    .tuple(
      fc.constantFrom('key', 'role', 'client'),
      name,
      fc.constantFrom('ttl', 'rotation_period', 'id_token_ttl'),
      wrong,
    )
    .map(([what, one, field, value]) => post(`identity/oidc/${what}/${one}`, { key: 'o0', [field]: value })),
  name.map((one) => step('GET', `identity/oidc/client/${one}`, { captures: keep('client', 'data', 'client_id') })),
  fc
    .tuple(name, fc.constantFrom<unknown>(['$eid'], [], ['none']), fc.constantFrom<unknown>(['$gid'], []))
    .map(([one, entity_ids, group_ids]) => post(`identity/oidc/assignment/${one}`, { entity_ids, group_ids })),
  fc
    .tuple(name, fc.constantFrom('{}', '{"g":{{identity.entity.groups.names}}}', 'odd', ''))
    .map(([one, template]) => post(`identity/oidc/scope/${one}`, { template })),
  fc
    .tuple(name, ids, fc.constantFrom<unknown>([], ['o0'], ['openid']))
    .map(([one, allowed_client_ids, scopes_supported]) =>
      post(`identity/oidc/provider/${one}`, { allowed_client_ids, scopes_supported }),
    ),
  fc
    .tuple(
      fc.constantFrom('GET', 'GET', 'DELETE'),
      fc.constantFrom('key', 'role', 'client', 'assignment', 'scope', 'provider'),
      name,
    )
    .map(([method, what, one]) =>
      // Deleting what the server makes itself, and makes again when it is asked for, ends in the order of chance.
      step(one === 'default' ? 'GET' : method, `identity/oidc/${what}/${one}`),
    ),
  fc
    .constantFrom('key', 'role', 'client', 'assignment', 'scope', 'provider')
    .map((what) => step('LIST', `identity/oidc/${what}`)),
  name.map((one) => step('GET', `identity/oidc/token/${one}`, { captures: keep('idt', 'data', 'token') })),
  fc.constantFrom('$idt', 'x', 'a.b.c').map((token) => post('identity/oidc/introspect', { token })),
  name.map((one) =>
    step('GET', `identity/oidc/provider/${one}/authorize?scope=openid&response_type=code&client_id=$client&state=s`),
  ),
);

const merging: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('identity/entity', { name: 'e2' }, { captures: keep('other', 'data', 'id') })),
  fc
    .tuple(fc.constantFrom<unknown>(['$other'], ['$eid'], [], ['none']), fc.constantFrom('$eid', '$other', 'none'))
    .map(([from_entity_ids, to_entity_id]) => post('identity/entity/merge', { from_entity_ids, to_entity_id })),
  fc
    .constantFrom<unknown>(['$other'], [], ['none', '$eid'])
    .map((entity_ids) => post('identity/entity/batch-delete', { entity_ids })),
  fc
    .tuple(fc.constantFrom('$eid', '$other'), fc.constantFrom('ann', 'bob'))
    .map(([canonical_id, alias]) =>
      post(
        'identity/entity-alias',
        { name: alias, canonical_id, mount_accessor: '$rmount' },
        { captures: keep('aid', 'data', 'id') },
      ),
    ),
  fc
    .tuple(fc.constantFrom('$gid', 'none', ''), fc.constantFrom('$rmount', ''))
    .map(([canonical_id, mount_accessor]) =>
      post(
        'identity/group-alias',
        { name: 'ga', canonical_id, mount_accessor },
        { captures: keep('gaid', 'data', 'id') },
      ),
    ),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'identity/group-alias/id/$gaid')),
  fc
    .constantFrom('entity/id', 'entity/name', 'group/id', 'group/name', 'entity-alias/id', 'group-alias/id')
    .map((what) => step('LIST', `identity/${what}`)),
);

const mfa: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record(
      {
        issuer: fc.constantFrom('i', ''),
        method_name: fc.constantFrom('one', ''),
        period: fc.constantFrom<unknown>(30, 0),
        digits: fc.constantFrom<unknown>(6, 8, 7),
        algorithm: fc.constantFrom('SHA1', 'SHA512', 'odd'),
      },
      { requiredKeys: ['issuer'] },
    )
    .map((body) =>
      post('identity/mfa/method/totp', { ...body, qr_size: 0 }, { captures: keep('mid', 'data', 'method_id') }),
    ),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'identity/mfa/method/totp/$mid')),
  fc.constantFrom('method', 'method/totp', 'login-enforcement').map((what) => step('LIST', `identity/mfa/${what}`)),
  fc
    .tuple(fc.constantFrom('admin-generate', 'admin-destroy'), fc.constantFrom('$eid', 'none'))
    .map(([what, entity_id]) => post(`identity/mfa/method/totp/${what}`, { method_id: '$mid', entity_id })),
  fc
    .constantFrom<unknown>(
      { mfa_method_ids: ['$mid'], identity_entity_ids: ['$eid'] },
      { mfa_method_ids: ['$mid'], auth_method_accessors: ['$rmount'] },
      { mfa_method_ids: ['none'], auth_method_types: ['userpass'] },
      {},
    )
    .map((body) => post('identity/mfa/login-enforcement/le', body)),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'identity/mfa/login-enforcement/le')),
);

export const identityTokens: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: oidc },
  { weight: 3, arbitrary: merging },
  { weight: 2, arbitrary: mfa },
);

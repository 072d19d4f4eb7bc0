/** `role/<name>/<setting>`: single settings of a role. */
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { deprecated, parsePolicies } from '../../framework/token-params.ts';
import { LOCAL_SECRET_ID_PREFIX } from './role.ts';
import { ofRole, options, remove, required, show, update } from './role-setting.ts';
import { checkPeriod, roleName } from './roles.ts';
import { wholeSeconds } from '../../runtime.ts';
import type { AppRoleStore } from './store.ts';

export const roleFieldPaths = paths<AppRoleStore>()
  .path(
    'role/:role_name/local-secret-ids',
    'Whether secret ids of the role stay in this cluster.',
    { role_name: roleName },
    { read: { run: show((role) => ({ local_secret_ids: role.secretIdPrefix === LOCAL_SECRET_ID_PREFIX })) } },
    options('local-secret-ids', 'This can only be set when the role is made.'),
  )
  .path(
    'role/:role_name/policies',
    'Policies of the role.',
    {
      role_name: roleName,
      policies: field.commaStrings(deprecated('token_policies'), { deprecated: true }),
      token_policies: field.commaStrings("The token's policies."),
    },
    {
      read: {
        run: show(({ token, policies = [] }) => ({
          token_policies: token.policies ?? [],
          ...(policies.length > 0 ? { policies } : {}),
        })),
      },
      update: update((role, { policies, token_policies }) => {
        const sane = parsePolicies(required(token_policies ?? policies, 'token_policies'));
        role.token.policies = sane;
        role.policies = policies === undefined ? undefined : sane;
      }),
      delete: remove((role) => {
        role.token.policies = undefined;
        role.policies = undefined;
      }),
    },
    options('policies', 'They hold for tokens of later logins.'),
  )
  .path(
    'role/:role_name/bind-secret-id',
    'Whether a login with the role needs a secret id.',
    { role_name: roleName, bind_secret_id: field.bool('Whether a login needs a secret id.', { documented: true }) },
    {
      read: { run: show((role) => ({ bind_secret_id: role.bindSecretId })) },
      update: update((role, input) => void (role.bindSecretId = required(input.bind_secret_id, 'bind_secret_id'))),
      delete: remove((role) => (role.bindSecretId = true)),
    },
    // Upstream slips here since it resolves names, so that all who ask are led to a path that there is not; the role as
    // a whole has the setting.
    { ...options('bind-secret-id', 'Set it on the role as a whole.'), ...ofRole('bind-secret-ids') },
  )
  .path(
    'role/:role_name/secret-id-num-uses',
    'How often a secret id of the role may be used.',
    { role_name: roleName, secret_id_num_uses: field.int('Zero sets no limit.') },
    {
      read: { run: show((role) => ({ secret_id_num_uses: role.secretIdNumUses })) },
      update: update((role, { secret_id_num_uses }) => {
        role.secretIdNumUses = required(secret_id_num_uses, 'secret_id_num_uses');
        if (role.secretIdNumUses < 0) throw refuse('secret_id_num_uses cannot be negative');
      }),
      delete: remove((role) => (role.secretIdNumUses = 0)),
    },
    options('secret-id-num-uses', 'It holds for secret ids made later.'),
  )
  .path(
    'role/:role_name/secret-id-ttl',
    'How long a secret id of the role lives.',
    { role_name: roleName, secret_id_ttl: field.duration('Zero is for ever.') },
    {
      read: { run: show((role) => ({ secret_id_ttl: wholeSeconds(role.secretIdTtl) })) },
      update: update((role, input) => void (role.secretIdTtl = required(input.secret_id_ttl, 'secret_id_ttl'))),
      delete: remove((role) => (role.secretIdTtl = 0)),
    },
    options('secret-id-ttl', 'It holds for secret ids made later.'),
  )
  .path(
    'role/:role_name/period',
    'The period of tokens of the role.',
    {
      role_name: roleName,
      period: field.duration(deprecated('token_period'), { deprecated: true }),
      token_period: field.duration('For how long each renewal of the token is.'),
    },
    {
      read: {
        run: show(({ token, period }): JsonObject => ({
          token_period: wholeSeconds(token.period),
          ...(period > 0 ? { period: wholeSeconds(period) } : {}),
        })),
      },
      update: update((role, { period, token_period }, call) => {
        role.token.period = required(token_period ?? period, 'period');
        role.period = period === undefined ? 0 : role.token.period;
        checkPeriod(role.token.period, role.period, call);
      }),
      delete: remove((role) => {
        role.token.period = 0;
        role.period = 0;
      }),
    },
    options('period', 'A periodic token can be renewed for ever.'),
  )
  .path(
    'role/:role_name/token-num-uses',
    'How often tokens of the role may be used.',
    { role_name: roleName, token_num_uses: field.int('Zero sets no limit.') },
    {
      read: { run: show((role) => ({ token_num_uses: role.token.numUses })) },
      update: update((role, input) => void (role.token.numUses = required(input.token_num_uses, 'token_num_uses'))),
      delete: remove((role) => (role.token.numUses = 0)),
    },
    options('token-num-uses', 'It holds for tokens of later logins.'),
  )
  .path(
    'role/:role_name/token-ttl',
    'How long tokens of the role live until they must be renewed.',
    { role_name: roleName, token_ttl: field.duration('Zero leaves it to the mount.') },
    {
      read: { run: show((role) => ({ token_ttl: wholeSeconds(role.token.ttl) })) },
      update: update((role, { token_ttl }) => {
        const { token } = role;
        token.ttl = required(token_ttl, 'token_ttl');
        if (token.maxTtl > 0 && token.ttl > token.maxTtl) {
          throw refuse('token_ttl should not be greater than token_max_ttl');
        }
      }),
      delete: remove((role) => (role.token.ttl = 0)),
    },
    options('token-ttl', 'It holds for tokens of later logins, and for renewals.'),
  )
  .path(
    'role/:role_name/token-max-ttl',
    'How long tokens of the role may live with all renewals.',
    { role_name: roleName, token_max_ttl: field.duration('Zero leaves it to the mount.') },
    {
      read: { run: show((role) => ({ token_max_ttl: wholeSeconds(role.token.maxTtl) })) },
      update: update((role, { token_max_ttl }) => {
        const { token } = role;
        token.maxTtl = required(token_max_ttl, 'token_max_ttl');
        if (token.maxTtl > 0 && token.ttl > token.maxTtl) {
          throw refuse('token_max_ttl should be greater than or equal to token_ttl');
        }
      }),
      delete: remove((role) => (role.token.maxTtl = 0)),
    },
    options('token-max-ttl', 'It holds for tokens of later logins, and for renewals.'),
  )
  .path(
    'role/:role_name/role-id',
    "The role's identifier, which a login needs.",
    { role_name: roleName, role_id: field.string('The new identifier.', { always: true }) },
    {
      read: { run: show((role) => ({ role_id: role.roleId })) },
      update: update((role, { role_id }) => {
        const previous = role.roleId;
        role.roleId = role_id;
        if (role.roleId === '') throw refuse('missing role_id');
        if (previous === '') throw failure('missing role id');
        return previous;
      }),
    },
    options('role-id', 'It is no secret, but hard to guess unless it was chosen.'),
  );

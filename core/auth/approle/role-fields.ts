/** `role/<name>/<setting>`: single settings of a role. */
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse, unsupportedPath } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { deprecated, parseAddresses, parsePolicies } from '../../framework/token-params.ts';
import { invalidCidr, invalidText } from './cidrs.ts';
import { LOCAL_SECRET_ID_PREFIX } from './role.ts';
import type { Role } from './role.ts';
import type { AppRoleCall } from './roles.ts';
import { checkPeriod, roleName, seconds } from './roles.ts';
import type { AppRoleStore } from './store.ts';

interface Named {
  readonly role_name: string;
}

const show =
  (shown: (role: Role) => Answer) =>
  ({ role_name }: Named, { state, storage }: AppRoleCall): Promise<Answer> =>
    state.roleLocks.read(role_name.toLowerCase(), async () => {
      const role = await state.role(storage, role_name);
      return role === undefined ? undefined : shown(role);
    });

/** A missing role is `unsupported path` for an update, and nothing for a delete. Returns the former role id, if new. */
const change =
  <I extends Named>(
    missing: 'unsupported' | 'nothing',
    apply: (role: Role, input: I, call: AppRoleCall) => string | void,
  ) =>
  (input: I, call: AppRoleCall): Promise<Answer> =>
    call.state.roleLocks.write(input.role_name.toLowerCase(), () =>
      call.transaction(async (storage) => {
        const role = await call.state.role(storage, input.role_name);
        if (role === undefined) {
          if (missing === 'nothing') return;
          throw unsupportedPath();
        }
        const previousRoleId = apply(role, input, call);
        await call.state.putRole(storage, role.name, role, previousRoleId ?? '');
      }),
    );

const update = <I extends Named>(apply: (role: Role, input: I, call: AppRoleCall) => string | void) => ({
  run: change('unsupported', apply),
});
const remove = (apply: (role: Role) => void) => ({ run: change<Named>('nothing', (role) => apply(role)) });

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw refuse(`missing ${name}`);
  return value;
}

const options = (suffix: string, help: string) => ({ id: { prefix: 'app-role', suffix }, help });

/** Upstream 2.7.2 answers this for every operation on bind-secret-id; the whole role still has the setting. */
const unreachableSetting = {
  run: (): never => {
    throw unsupportedPath();
  },
};

interface Blocks extends Named {
  readonly bound_cidr_list: string[] | undefined;
  readonly secret_id_bound_cidrs: string[] | undefined;
  readonly token_bound_cidrs: string[] | undefined;
}

const noBlocks = { bound_cidr_list: undefined, secret_id_bound_cidrs: undefined, token_bound_cidrs: undefined };

function setBlocks(role: Role, input: Partial<Blocks>): void {
  const blocks = input.secret_id_bound_cidrs ?? input.bound_cidr_list;
  if (blocks !== undefined) {
    if (blocks.length === 0) throw refuse('missing bound_cidr_list');
    const wrong = invalidCidr(blocks);
    if (wrong !== undefined) throw refuse(`failed to validate CIDR blocks: ${invalidText(wrong)}`);
    role.secretIdBoundCidrs = blocks;
  } else if (input.token_bound_cidrs !== undefined) {
    role.token.boundCidrs = parseAddresses(input.token_bound_cidrs, 'failed to parse token_bound_cidrs: ');
  }
}

const blockFields = {
  role_name: roleName,
  bound_cidr_list: field.commaStrings(deprecated('secret_id_bound_cidrs'), { deprecated: true }),
  secret_id_bound_cidrs: field.commaStrings('Blocks of addresses from which a login may come.'),
  token_bound_cidrs: field.commaStrings('Addresses and blocks from which the token may be used.'),
};
const { bound_cidr_list, secret_id_bound_cidrs, token_bound_cidrs } = blockFields;

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
    'role/:role_name/bound-cidr-list',
    'Deprecated: blocks of addresses from which a login may come.',
    { role_name: roleName, bound_cidr_list },
    {
      read: {
        run: show(() =>
          reply({
            data: { bound_cidr_list: null },
            warnings: [
              'The "bound_cidr_list" field is deprecated and will be removed. Please use "secret_id_bound_cidrs" instead.',
            ],
          }),
        ),
      },
      update: update((role, input) => setBlocks(role, { ...noBlocks, ...input })),
      delete: remove(() => {}),
    },
    options('bound-cidr-list', 'Use secret-id-bound-cidrs instead.'),
  )
  .path(
    'role/:role_name/secret-id-bound-cidrs',
    'Blocks of addresses from which a login may come.',
    { role_name: roleName, secret_id_bound_cidrs },
    {
      read: { run: show((role) => ({ secret_id_bound_cidrs: role.secretIdBoundCidrs ?? null })) },
      update: update((role, input) => setBlocks(role, { ...noBlocks, ...input })),
      delete: remove((role) => (role.secretIdBoundCidrs = undefined)),
    },
    options('secret-id-bound-cidrs', 'A login from elsewhere is refused.'),
  )
  .path(
    'role/:role_name/token-bound-cidrs',
    'Addresses from which tokens of the role may be used.',
    { role_name: roleName, token_bound_cidrs },
    {
      read: { run: show((role) => ({ token_bound_cidrs: role.token.boundCidrs ?? null })) },
      update: update((role, input) => setBlocks(role, { ...noBlocks, ...input })),
      delete: remove((role) => (role.token.boundCidrs = undefined)),
    },
    options('token-bound-cidrs', 'A request with the token from elsewhere is refused.'),
  )
  .path(
    'role/:role_name/bind-secret-id',
    'Whether a login with the role needs a secret id.',
    { role_name: roleName, bind_secret_id: field.bool('Whether a login needs a secret id.') },
    { read: unreachableSetting, update: unreachableSetting, delete: unreachableSetting },
    options('bind-secret-id', 'Set it on the role as a whole.'),
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
      read: { run: show((role) => ({ secret_id_ttl: seconds(role.secretIdTtl) })) },
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
          token_period: seconds(token.period),
          ...(period > 0 ? { period: seconds(period) } : {}),
        })),
      },
      update: update((role, { period, token_period }, call) => {
        role.token.period = required(token_period ?? period, 'period');
        role.period = period === undefined ? 0 : role.token.period;
        if (role.token.period > call.system.maxLeaseTtl()) checkPeriod(role.token.period, call);
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
      read: { run: show((role) => ({ token_ttl: seconds(role.token.ttl) })) },
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
      read: { run: show((role) => ({ token_max_ttl: seconds(role.token.maxTtl) })) },
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
    { role_name: roleName, role_id: field.string('The new identifier.', { default: '' }) },
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

/** `role` and `role/<name>`: roles as a whole. */
import { quote } from '../../codec/go-quote.ts';
import { formatDuration } from '../../codec/duration.ts';
import type { JsonObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { Fault, failure, refuse } from '../../fault.ts';
import type { Call } from '../../framework/call.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { applyOldNumber, applyOldPolicies, oldNameFields } from '../../framework/old-token-names.ts';
import { applyTokenInput, deprecated, shownTokenParams, tokenFields } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import { invalidCidr, invalidText } from './cidrs.ts';
import { isConstrained, LOCAL_SECRET_ID_PREFIX, newRole } from './role.ts';
import type { Role } from './role.ts';
import type { AppRoleStore } from './store.ts';
import { wholeSeconds } from '../../runtime.ts';

export type AppRoleCall = Call<AppRoleStore, object, BackendContext>;

const LONGEST_NAME = 4096;

export const roleName = field.string(`Name of the role. Must be less than ${LONGEST_NAME} bytes.`, { required: true });

/** `old` is the period under its old name, the only one that is told. */
export function checkPeriod(period: Micros, old: Micros, { system }: AppRoleCall): void {
  const most = system.maxLeaseTtl();
  if (period <= most) return;
  const [given, limit] = [quote(formatDuration(old)), quote(formatDuration(most))];
  throw refuse(`period of ${given} is greater than the backend's maximum lease TTL of ${limit}`);
}

function shownRole(role: Role): JsonObject {
  const data: JsonObject = {
    ...shownTokenParams(role.token),
    bind_secret_id: role.bindSecretId,
    secret_id_bound_cidrs: role.secretIdBoundCidrs ?? null,
    secret_id_num_uses: role.secretIdNumUses,
    secret_id_ttl: wholeSeconds(role.secretIdTtl),
    local_secret_ids: role.secretIdPrefix === LOCAL_SECRET_ID_PREFIX,
  };
  if (role.period !== 0) data['period'] = wholeSeconds(role.period);
  if ((role.policies ?? []).length > 0) data['policies'] = role.policies!;
  return data;
}

async function readRole(
  { role_name }: { readonly role_name: string },
  { state, storage }: AppRoleCall,
): Promise<Answer> {
  return state.roleLocks.read(role_name.toLowerCase(), async () => {
    const role = await state.role(storage, role_name);
    if (role === undefined) return undefined;
    const warnings: string[] = [];
    if (!isConstrained(role)) {
      warnings.push(
        'Role does not have any constraints set on it. Updates to this role will require a constraint to be set',
      );
    }
    if ((await state.roleNameOf(storage, role.roleId)) === undefined) {
      await state.indexRoleId(storage, role.roleId, role.name);
      warnings.push(
        'Role identifier was missing an index back to role name. A new index has been added. Please report this observation.',
      );
    }
    return reply(warnings.length === 0 ? { data: shownRole(role) } : { data: shownRole(role), warnings });
  });
}

const fields = {
  role_name: roleName,
  ...tokenFields,
  bind_secret_id: field.bool('Whether a login needs a secret id.', { default: true }),
  bound_cidr_list: field.commaStrings(deprecated('secret_id_bound_cidrs'), { deprecated: true }),
  secret_id_bound_cidrs: field.commaStrings('Blocks of addresses from which a login may come.'),
  policies: oldNameFields.policies,
  secret_id_num_uses: field.int('How often a secret id may be used; zero sets no limit.'),
  secret_id_ttl: field.duration('How long a secret id lives; zero is for ever.'),
  period: oldNameFields.period,
  role_id: field.string('Identifier of the role; made up unless given.'),
  local_secret_ids: field.bool('Whether secret ids stay in this cluster. Only when the role is made.'),
};

export const rolePaths = paths<AppRoleStore>()
  .path(
    'role',
    'The names of all roles.',
    pageFields,
    { list: { run: ({ after, limit }, { storage }) => storage.list('role/', { after, limit }) } },
    { id: { prefix: 'app-role', suffix: 'roles' }, help: 'Names are in lower case.' },
  )
  .path(
    'role/:role_name',
    'A role, with all its settings.',
    fields,
    {
      read: { run: readRole },
      write: { run: writeRole },
      delete: {
        run: ({ role_name }, { state, storage }) =>
          state.roleLocks.write(role_name.toLowerCase(), async () => {
            const role = await state.role(storage, role_name);
            if (role !== undefined) await state.deleteRole(storage, role);
          }),
      },
    },
    {
      exists: async ({ role_name }, { state, storage }) => (await state.role(storage, role_name)) !== undefined,
      resolve: ({ role_name }) => `role/${role_name.toLowerCase()}`,
      id: { prefix: 'app-role', suffix: 'role' },
      help: 'A role stands for a service or a machine. Its settings say how secret ids are made, from where a login may\ncome, and what tokens a login gives. Deleting a role removes its secret ids.',
    },
  );

type RoleInput = Parameters<typeof applyTokenInput>[1] & {
  readonly role_name: string;
  readonly bind_secret_id: boolean;
  readonly bound_cidr_list: string[] | undefined;
  readonly secret_id_bound_cidrs: string[] | undefined;
  readonly policies: string[] | undefined;
  readonly secret_id_num_uses: number | undefined;
  readonly secret_id_ttl: Micros | undefined;
  readonly period: Micros | undefined;
  readonly role_id: string | undefined;
  readonly local_secret_ids: boolean | undefined;
};

function writeRole(input: RoleInput, call: AppRoleCall): Promise<Answer> {
  const { state } = call;
  if (encodeUtf8(input.role_name).length > LONGEST_NAME) {
    throw refuse(`role_name is longer than maximum of ${LONGEST_NAME} bytes`);
  }
  return state.roleLocks.write(input.role_name.toLowerCase(), () =>
    call.transaction(async (storage) => {
      const stored = await state.role(storage, input.role_name);
      const role = stored ?? newRole(input.role_name.toLowerCase(), state.uuid());
      const previousRoleId = role.roleId;
      const warnings = applyToRole(role, stored === undefined, input, call);
      try {
        await state.putRole(storage, role.name, role, previousRoleId);
      } catch (error) {
        // Upstream answers with its warnings as well, and an error beside an answer is a bad request.
        throw error instanceof Fault && warnings.length > 0 ? new Fault('error', error.message, 400) : error;
      }
      return warnings.length === 0 ? undefined : reply({ warnings });
    }),
  );
}

/** In upstream's order of checks. Returns warnings. */
function applyToRole(role: Role, isNew: boolean, input: RoleInput, call: AppRoleCall): string[] {
  const warnings: string[] = [];
  const { token } = role;
  let type = input.token_type;
  if (type === 'default-service' || type === 'default-batch') {
    type = type.slice('default-'.length);
    warnings.push(`default-${type} has no useful meaning; adjusting to ${type}`);
  }
  applyTokenInput(token, { ...input, token_type: type });
  if (input.local_secret_ids !== undefined) {
    if (!isNew) throw refuse('local_secret_ids can only be modified during role creation');
    if (input.local_secret_ids) role.secretIdPrefix = LOCAL_SECRET_ID_PREFIX;
  }
  role.roleId = input.role_id ?? (isNew ? call.state.uuid() : role.roleId);
  if (role.roleId === '') throw refuse('invalid role_id supplied, or failed to generate a role_id');
  if (Object.hasOwn(call.request.data, 'bind_secret_id')) role.bindSecretId = input.bind_secret_id;
  role.secretIdBoundCidrs = input.secret_id_bound_cidrs ?? input.bound_cidr_list ?? role.secretIdBoundCidrs;
  const wrong = invalidCidr(role.secretIdBoundCidrs ?? []);
  if (wrong !== undefined) throw failure(`failed to validate CIDR blocks: ${invalidText(wrong)}`);
  role.secretIdNumUses = input.secret_id_num_uses ?? role.secretIdNumUses;
  if (role.secretIdNumUses < 0) throw refuse('secret_id_num_uses cannot be negative');
  role.secretIdTtl = input.secret_id_ttl ?? role.secretIdTtl;
  applyOldPolicies(role, input);
  applyOldNumber(role, 'period', input.period, input.token_period);
  // Of a whole role only the old one is looked at.
  checkPeriod(role.period, role.period, call);
  if (token.maxTtl > call.system.maxLeaseTtl()) {
    warnings.push(
      "token_max_ttl is greater than the backend mount's maximum TTL value; issued tokens' max TTL value will be truncated",
    );
  }
  return warnings;
}

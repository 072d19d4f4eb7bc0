/** `login`: a role id and, mostly, a secret id for a token. */
import { quote } from '../../codec/go-quote.ts';
import { failure, InvalidCredentials, refuse } from '../../fault.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { parseAddresses, tokenAuth } from '../../framework/token-params.ts';
import type { Reader, Writer } from '../../storage/storage.ts';
import { isWithin, verifySubset } from './cidrs.ts';
import type { Role } from './role.ts';
import type { AppRoleCall } from './roles.ts';
import type { SecretId } from './secret-id.ts';
import type { AppRoleStore } from './store.ts';
import { within } from './store.ts';

const INVALID = 'invalid role or secret ID';

const fields = {
  role_id: field.string("The role's identifier.", { always: true }),
  secret_id: field.string('A secret id of the role, unless the role needs none.', { default: '' }),
};

interface Credentials {
  readonly role_id: string;
  readonly secret_id: string;
}

async function roleOf(roleId: string, { state, storage }: AppRoleCall): Promise<Role> {
  if (roleId === '') throw refuse('missing role_id');
  const name = await state.roleNameOf(storage, roleId);
  const role = name === undefined ? undefined : await state.role(storage, name);
  if (role === undefined) throw refuse(INVALID);
  return role;
}

const unauthorised = (address: string, by: string): Error =>
  refuse(`source address ${quote(address)} unauthorized ${by}`);

/** Addresses are checked before a use is counted, so that a login from elsewhere burns none. */
function checkAddress(secret: SecretId, role: Role, address: string): void {
  verifySubset(secret.cidrList, role.secretIdBoundCidrs ?? []);
  if (secret.cidrList.length === 0 || isWithin(address, secret.cidrList)) return;
  throw unauthorised(
    address,
    secret.numUses === 0
      ? 'through CIDR restrictions on the secret ID'
      : 'by CIDR restrictions on the secret ID: %!w(<nil>)',
  );
}

/** Throws unless the secret id is good, and counts the use. */
async function use(text: string, role: Role, call: AppRoleCall): Promise<SecretId> {
  const { state } = call;
  if (text === '') throw refuse('missing secret_id');
  const hmac = within('failed to create HMAC of secret_id: ', () => state.hmac(role, text));
  const first = await check(state, call.storage, role, hmac, call);
  if (first.numUses === 0) return first;
  return state.secretLocks.write(hmac, () =>
    call.transaction(async (storage) => {
      const secret = await check(state, storage, role, hmac, call);
      if (secret.numUses === 1) await state.destroy(storage, role, hmac, secret.accessor);
      else {
        secret.numUses--;
        secret.lastUpdatedTime = state.now();
        await state.putSecretId(storage, state.secretFolder(role) + hmac, secret);
      }
      return secret;
    }),
  );
}

async function check(
  state: AppRoleStore,
  storage: Reader & Writer,
  role: Role,
  hmac: string,
  call: AppRoleCall,
): Promise<SecretId> {
  const secret = await state.secretId(storage, role, hmac);
  if (secret === undefined) throw new InvalidCredentials(INVALID);
  if ((await state.hmacOfAccessor(storage, role.secretIdPrefix, secret.accessor)) === undefined) {
    // Without its accessor a secret id cannot be revoked, so it is not left behind.
    await storage.delete(state.secretFolder(role) + hmac);
    throw refuse(INVALID);
  }
  checkAddress(secret, role, call.request.remote.address);
  return secret;
}

async function logIn({ role_id, secret_id }: Credentials, call: AppRoleCall): Promise<Answer> {
  const role = await roleOf(role_id.trim(), call);
  const secret = role.bindSecretId ? await use(secret_id.trim(), role, call) : undefined;
  const { address } = call.request.remote;
  const blocks = role.secretIdBoundCidrs ?? [];
  if (blocks.length > 0 && !isWithin(address, blocks)) {
    throw unauthorised(address, 'by CIDR restrictions on the role: %!w(<nil>)');
  }
  // Upstream sets the blocks of addresses once more at the end, and forgets the strict binding by it.
  const auth = { ...tokenAuth(role.token), strictlyBindIp: false };
  if (secret !== undefined && secret.tokenBoundCidrs.length > 0) {
    auth.boundCidrs = parseAddresses(secret.tokenBoundCidrs);
  }
  const metadata = { ...secret?.metadata, role_name: role.name };
  const { mount } = call;
  return reply({
    auth: {
      ...auth,
      internal: { role_name: role.name },
      displayName: '',
      metadata,
      alias: { name: role.roleId, mountAccessor: mount.accessor, mountType: mount.type, metadata },
    },
  });
}

export const loginPaths = paths<AppRoleStore>().path(
  'login',
  'Log in with a role id and a secret id.',
  fields,
  {
    update: { run: logIn },
    'alias-lookahead': {
      run: ({ role_id }, { mount }) => {
        const name = role_id.trim();
        if (name === '') throw failure('missing role_id');
        const alias = { name, mountAccessor: mount.accessor, mountType: mount.type };
        return reply({ auth: { ...emptyAuth(), alias } });
      },
    },
    'resolve-role': {
      run: async ({ role_id }, call) => ({ role: (await roleOf(role_id.trim(), call)).name }),
    },
  },
  {
    unauthenticated: true,
    id: { prefix: 'app-role', verb: 'login' },
    help: 'The answer holds a token with the settings of the role.',
  },
);

/** The role may have changed since the login; what holds now counts. */
export async function renew(call: AppRoleCall): Promise<Answer> {
  const auth = call.request.auth!;
  const name = auth.internal['role_name'];
  if (typeof name !== 'string' || name === '') throw failure('failed to fetch role_name during renewal');
  const role = await call.state.role(call.storage, name);
  if (role === undefined) throw failure(`role ${quote(name)} does not exist during renewal`);
  const { ttl, maxTtl, period } = role.token;
  return reply({ auth: { ...auth, ttl, maxTtl, period } });
}

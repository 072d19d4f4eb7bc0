/** `role/<name>/secret-id…`: making, looking up and destroying secret ids. */
import { quote } from '../../codec/go-quote.ts';
import { failure, permissionDenied, refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFieldsBesideWrites } from '../../framework/page-fields.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import type { Micros } from '../../runtime.ts';
import type { Reader } from '../../storage/storage.ts';
import { invalidCidr, invalidText, verifySubset } from './cidrs.ts';
import { parseMetadata } from './metadata.ts';
import type { Role } from './role.ts';
import type { AppRoleCall } from './roles.ts';
import { ofRole } from './role-setting.ts';
import { roleName } from './roles.ts';
import { wholeSeconds } from '../../runtime.ts';
import type { SecretId } from './secret-id.ts';
import { shownSecretId } from './secret-id.ts';
import type { AppRoleStore } from './store.ts';
import { within } from './store.ts';

const customFields = {
  role_name: roleName,
  metadata: field.string('Texts by name that go into the token: JSON, its base64, or "key=value,…".', { always: true }),
  cidr_list: field.commaStrings("Blocks from which this secret id may be used; within the role's.", { always: true }),
  token_bound_cidrs: field.commaStrings("Blocks from which the token may be used; within the role's.", {
    always: true,
  }),
  num_uses: field.int("How often it may be used; not more than the role's secret_id_num_uses."),
  ttl: field.duration("How long it lives; not longer than the role's secret_id_ttl."),
};
const newFields = { ...customFields, ...pageFieldsBesideWrites };

interface NewSecretId {
  readonly role_name: string;
  readonly metadata: string;
  readonly cidr_list: string[];
  readonly token_bound_cidrs: string[];
  readonly num_uses: number | undefined;
  readonly ttl: Micros | undefined;
}

const isMore = (given: number, limit: number): boolean => limit > 0 && (given === 0 || given > limit);

function checkBlocks(blocks: readonly string[], what: string): void {
  const wrong = invalidCidr(blocks);
  if (wrong !== undefined) throw failure(`failed to validate ${what} blocks: ${invalidText(wrong)}`);
}

/** In upstream's order of checks. */
function draft(role: Role, input: NewSecretId): SecretId {
  if (!role.bindSecretId) throw refuse('bind_secret_id is not set on the role');
  checkBlocks(input.cidr_list, 'CIDR');
  verifySubset(input.cidr_list, role.secretIdBoundCidrs ?? []);
  checkBlocks(input.token_bound_cidrs, 'token CIDR');
  verifySubset(input.token_bound_cidrs, role.token.boundCidrs ?? []);
  const numUses = input.num_uses ?? role.secretIdNumUses;
  if (numUses < 0) throw refuse('num_uses cannot be negative');
  if (input.num_uses !== undefined && isMore(numUses, role.secretIdNumUses)) {
    throw refuse("num_uses cannot be higher than the role's secret_id_num_uses");
  }
  const ttl = input.ttl ?? role.secretIdTtl;
  if (input.ttl !== undefined && isMore(ttl, role.secretIdTtl)) {
    throw refuse("ttl cannot be longer than the role's secret_id_ttl");
  }
  const metadata = input.metadata.trim() === '' ? {} : parseMetadata(input.metadata);
  const never = { seconds: 0, nanos: 0 };
  return {
    accessor: '',
    numUses,
    ttl,
    creationTime: never,
    expirationTime: undefined,
    lastUpdatedTime: never,
    metadata,
    cidrList: input.cidr_list,
    tokenBoundCidrs: input.token_bound_cidrs,
  };
}

function create(text: string, input: NewSecretId, call: AppRoleCall): Promise<Answer> {
  if (text === '') throw refuse('missing secret_id');
  const { state } = call;
  return state.roleLocks.read(input.role_name.toLowerCase(), async () => {
    const role = await state.role(call.storage, input.role_name);
    if (role === undefined) throw refuse(`role ${quote(input.role_name)} does not exist`, 404);
    const secret = draft(role, input);
    await call.transaction((storage) => state.register(storage, role, text, secret));
    return {
      secret_id: text,
      secret_id_accessor: secret.accessor,
      secret_id_ttl: wholeSeconds(state.boundTtl(secret.ttl)),
      secret_id_num_uses: secret.numUses,
    };
  });
}

async function existingRole(name: string, { state, storage }: AppRoleCall): Promise<Role> {
  const role = await state.role(storage, name);
  if (role === undefined) throw failure(`role ${quote(name)} does not exist`);
  return role;
}

const hmacOf = (state: AppRoleStore, role: Role, text: string): string =>
  within('failed to create HMAC of secret_id: ', () => state.hmac(role, text));

async function hmacOfAccessor(
  storage: Reader,
  state: AppRoleStore,
  role: Role,
  accessor: string,
): Promise<string | undefined> {
  return state.hmacOfAccessor(storage, role.secretIdPrefix, accessor);
}

interface BySecretId {
  readonly role_name: string;
  readonly secret_id: string;
}
interface ByAccessor {
  readonly role_name: string;
  readonly secret_id_accessor: string;
}

async function lookUp({ role_name, secret_id }: BySecretId, call: AppRoleCall): Promise<Answer> {
  if (secret_id === '') throw refuse('missing secret_id');
  const { state, storage } = call;
  const role = await existingRole(role_name, call);
  const hmac = hmacOf(state, role, secret_id);
  return state.secretLocks.write(hmac, async () => {
    const secret = await state.secretId(storage, role, hmac);
    if (secret === undefined) return undefined;
    if ((await hmacOfAccessor(storage, state, role, secret.accessor)) === undefined) {
      // Without its accessor a secret id cannot be revoked, so it is not left behind.
      await storage.delete(state.secretFolder(role) + hmac);
      throw refuse('invalid secret id');
    }
    return shownSecretId(secret);
  });
}

async function lookUpByAccessor({ role_name, secret_id_accessor }: ByAccessor, call: AppRoleCall): Promise<Answer> {
  if (secret_id_accessor === '') throw refuse('missing secret_id_accessor');
  const { state, storage } = call;
  const role = await existingRole(role_name, call);
  const hmac = await hmacOfAccessor(storage, state, role, secret_id_accessor);
  if (hmac === undefined) {
    const error = `failed to find accessor entry for secret_id_accessor: ${quote(secret_id_accessor)}`;
    return reply({ status: 404, data: { error } });
  }
  const secret = await state.secretId(storage, role, hmac);
  return secret === undefined ? undefined : shownSecretId(secret);
}

async function destroy({ role_name, secret_id }: BySecretId, call: AppRoleCall): Promise<void> {
  if (secret_id === '') throw refuse('missing secret_id');
  const { state } = call;
  const role = await existingRole(role_name, call);
  const hmac = hmacOf(state, role, secret_id);
  await state.secretLocks.write(hmac, () =>
    call.transaction(async (storage) => {
      const secret = await state.secretId(storage, role, hmac);
      if (secret !== undefined) await state.destroy(storage, role, hmac, secret.accessor);
    }),
  );
}

async function destroyByAccessor({ role_name, secret_id_accessor }: ByAccessor, call: AppRoleCall): Promise<void> {
  if (secret_id_accessor === '') throw refuse('missing secret_id_accessor');
  const { state } = call;
  const role = await existingRole(role_name, call);
  const hmac = await hmacOfAccessor(call.storage, state, role, secret_id_accessor);
  if (hmac === undefined) {
    throw failure(`failed to find accessor entry for secret_id_accessor: ${quote(secret_id_accessor)}`);
  }
  await state.secretLocks.write(hmac, () =>
    call.transaction(async (storage) => {
      if ((await state.secretId(storage, role, hmac)) === undefined) throw permissionDenied();
      await state.destroy(storage, role, hmac, secret_id_accessor);
    }),
  );
}

interface Page {
  readonly role_name: string;
  readonly after: string;
  readonly limit: number;
}

async function accessors({ role_name, after, limit }: Page, call: AppRoleCall): Promise<string[]> {
  const { state, storage } = call;
  return state.roleLocks.read(role_name.toLowerCase(), async () => {
    const role = await state.role(storage, role_name);
    if (role === undefined) throw refuse(`role ${quote(role_name)} does not exist`);
    const folder = state.secretFolder(role);
    const found: string[] = [];
    for (const hmac of await storage.list(folder, { after, limit })) {
      const secret = await state.storedSecretId(storage, folder + hmac);
      if (secret === undefined) {
        throw failure('storage entry for SecretID is present but no content found at the index');
      }
      found.push(secret.accessor);
    }
    return found;
  });
}

const bySecretId = { role_name: roleName, secret_id: field.string('The secret id.', { always: true }) };
const byAccessor = { role_name: roleName, secret_id_accessor: field.string('Its accessor.', { always: true }) };
const id = (verb: string, suffix: string) => ({ verb, suffix });
const prefix = { prefix: 'app-role' };

export const secretIdPaths = paths<AppRoleStore>()
  .path(
    'role/:role_name/secret-id/?',
    'Make a secret id for the role, or list the accessors of all of them.',
    newFields,
    {
      list: { id: { verb: 'list', suffix: 'secret-ids' }, run: accessors },
      update: { id: { suffix: 'secret-id' }, run: (input, call) => create(call.state.uuid(), input, call) },
    },
    {
      ...ofRole('secret-id'),
      id: prefix,
      help: 'The secret id is shown once, here. Its accessor serves to look it up and destroy it.',
    },
  )
  .path(
    'role/:role_name/secret-id/lookup/?',
    'Look up a secret id.',
    bySecretId,
    { update: { id: id('look-up', 'secret-id'), run: lookUp } },
    {
      ...ofRole('secret-id/lookup'),
      id: prefix,
      help: 'Shows what it is bound to and how often it may still be used.',
    },
  )
  .path(
    'role/:role_name/secret-id/destroy/?',
    'Destroy a secret id.',
    bySecretId,
    {
      update: { id: id('destroy', 'secret-id'), run: destroy },
      delete: { id: id('destroy', 'secret-id2'), run: destroy },
    },
    { ...ofRole('secret-id/destroy'), id: prefix, help: 'Tokens made with it stay valid.' },
  )
  .path(
    'role/:role_name/secret-id-accessor/lookup/?',
    'Look up a secret id by its accessor.',
    byAccessor,
    { update: { id: id('look-up', 'secret-id-by-accessor'), run: lookUpByAccessor } },
    {
      ...ofRole('secret-id-accessor/lookup'),
      id: prefix,
      help: 'Shows what it is bound to and how often it may still be used.',
    },
  )
  .path(
    'role/:role_name/secret-id-accessor/destroy/?',
    'Destroy a secret id by its accessor.',
    byAccessor,
    {
      update: { id: id('destroy', 'secret-id-by-accessor'), run: destroyByAccessor },
      delete: { id: id('destroy', 'secret-id-by-accessor2'), run: destroyByAccessor },
    },
    { ...ofRole('secret-id-accessor/destroy'), id: prefix, help: 'Tokens made with it stay valid.' },
  )
  .path(
    'role/:role_name/custom-secret-id',
    'Give the role a secret id of your own choice.',
    { ...customFields, secret_id: field.string('The secret id.', { always: true }) },
    { update: { run: (input, call) => create(input.secret_id, input, call) } },
    {
      ...ofRole('custom-secret-id'),
      id: { prefix: 'app-role', suffix: 'custom-secret-id' },
      help: 'Rather let one be made: it is harder to guess.',
    },
  );

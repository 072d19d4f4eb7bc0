/** The library: sets of accounts that are checked out and in, with a new password each time they come back. */
import { quote } from '../../codec/go-quote.ts';
import { encodeHex } from '../../codec/hex.ts';
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, refuse } from '../../fault.ts';
import type { SecretSpec } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { HOUR, SECOND, type Micros } from '../../runtime.ts';
import { openLdapPaths, type OpenLdapCall } from './call.ts';
import { configured, makePassword, setPasswordOfUser } from './directory.ts';
import { AVAILABLE, type CheckOut, type LibrarySet } from './library-set.ts';
import { managedAccounts, refuseManaged } from './managed.ts';

export const CHECK_OUT = 'checkout-creds';
const DAY = 24 * HOUR;

async function existing(name: string, { store }: OpenLdapCall): Promise<LibrarySet> {
  const set = await store.sets.get(name);
  if (set === undefined) throw refuse(`${quote(name)} doesn't exist`);
  return set;
}

async function checkOutOf(account: string, { store }: OpenLdapCall): Promise<CheckOut> {
  const found = await store.checkOuts.get(account);
  if (found === undefined) throw failure('not found');
  return found;
}

/** The account gets a new password, so that who had it has it no more, and can be lent again. */
async function checkIn(account: string, call: OpenLdapCall): Promise<void> {
  await call.state.passwords.run(async () => {
    const config = await configured(call);
    const password = await makePassword(config, call);
    await setPasswordOfUser(account, password, config, call);
    await call.store.passwords.put(account, password);
    await call.store.checkOuts.put(account, AVAILABLE);
  });
}

/** Upstream tells engines of a token only what it is in the mount's eyes: SHA-1 of the mount's UUID and the token. */
function salted({ request, runtime, mount }: OpenLdapCall): string {
  const token = request.clientToken;
  return token === '' ? '' : encodeHex(runtime.crypto.hash('sha1', encodeUtf8(mount.uuid), encodeUtf8(token)));
}

function checkSet({ accounts, ttl, maxTtl }: LibrarySet): void {
  if (accounts.length === 0) throw refuse('at least one service account must be configured');
  if (accounts.includes('')) throw refuse('service account name must not be empty');
  if (maxTtl > 0 && maxTtl < ttl) {
    throw refuse(`max_ttl (${maxTtl}000 seconds) may not be less than ttl (${ttl}000 seconds)`);
  }
}

async function refuseLent(account: string, call: OpenLdapCall): Promise<void> {
  const found = await call.store.checkOuts.get(account);
  if (found?.available === false) throw refuse(`"${account}" can't be deleted because it is currently checked out'`);
}

interface Sent {
  readonly name: string;
  readonly service_account_names: string[] | undefined;
  readonly ttl: Micros;
  readonly max_ttl: Micros;
  readonly disable_check_in_enforcement: boolean;
}

async function write(sent: Sent, call: OpenLdapCall): Promise<Answer> {
  const { store } = call;
  const create = call.request.operation === 'create';
  if ((await store.config.get('config')) === undefined) {
    throw refuse(`config must exist to ${create ? 'create' : 'update'} a library`);
  }
  const names = sent.service_account_names;
  if (create && (names ?? []).length === 0) throw refuse("'service_account_names' must be provided");
  const was = (name: string): boolean => create || name in call.request.data;
  const before = create ? undefined : await existing(sent.name, call);
  const old = before?.accounts ?? [];
  const set: LibrarySet = {
    accounts: names ?? old,
    ttl: was('ttl') ? sent.ttl : before!.ttl,
    maxTtl: was('max_ttl') ? sent.max_ttl : before!.maxTtl,
    anyCheckIn: was('disable_check_in_enforcement') ? sent.disable_check_in_enforcement : before!.anyCheckIn,
  };
  const added = set.accounts.filter((account) => !old.includes(account));
  const removed = old.filter((account) => !set.accounts.includes(account));
  await refuseManaged(added, call);
  for (const account of removed) await refuseLent(account, call);
  checkSet(set);
  for (const account of added) await checkIn(account, call);
  for (const account of removed) await forget(account, call);
  await store.sets.put(sent.name, set);
  const managed = await managedAccounts(call);
  for (const account of removed) managed.delete(account);
  for (const account of added) managed.add(account);
}

async function forget(account: string, { store }: OpenLdapCall): Promise<void> {
  await store.passwords.delete(account);
  await store.checkOuts.delete(account);
}

async function remove(name: string, call: OpenLdapCall): Promise<Answer> {
  const set = await call.store.sets.get(name);
  if (set === undefined) return;
  for (const account of set.accounts) await refuseLent(account, call);
  for (const account of set.accounts) await forget(account, call);
  await call.store.sets.delete(name);
  const managed = await managedAccounts(call);
  for (const account of set.accounts) managed.delete(account);
}

async function lend(name: string, asked: Micros | undefined, call: OpenLdapCall): Promise<Answer> {
  const { store } = call;
  const set = await existing(name, call);
  const shorter = asked !== undefined && (set.ttl <= 0 ? asked > 0 : asked < set.ttl);
  for (const account of set.accounts) {
    if (!(await checkOutOf(account, call)).available) continue;
    const entityId = call.request.caller?.entityId ?? '';
    await store.checkOuts.put(account, { available: false, entityId, clientToken: salted(call) });
    const password = await store.passwords.get(account);
    if (password === undefined) throw failure('not found');
    const secret = call.secret(CHECK_OUT, { service_account_name: account, set_name: name });
    return reply({
      data: { service_account_name: account, password },
      secret: { ...secret, ttl: shorter ? asked : set.ttl, maxTtl: set.maxTtl },
    });
  }
  throw refuse('No service accounts available for check-out.');
}

async function takeBack(name: string, names: readonly string[], forced: boolean, call: OpenLdapCall): Promise<Answer> {
  await configured(call, 'missing LDAP configuration');
  const set = await existing(name, call);
  const token = salted(call);
  const entity = call.request.caller?.entityId ?? '';
  const mine = ({ entityId, clientToken }: CheckOut): boolean =>
    forced ||
    set.anyCheckIn ||
    (entityId !== '' && entityId === entity) ||
    (clientToken !== '' && clientToken === token);
  const back: string[] = [];
  for (const account of names.length > 0 ? names : set.accounts) {
    const found = await checkOutOf(account, call);
    if (found.available) continue;
    if (mine(found)) back.push(account);
    else if (names.length > 0) {
      throw refuse(`${quote(account)} can't be checked in because it wasn't checked out by the caller`);
    }
  }
  if (names.length === 0 && back.length > 1) {
    const start = 'when multiple service accounts are checked out';
    throw refuse(`${start}, the 'service_account_names' to check in must be provided`);
  }
  for (const account of back) await checkIn(account, call);
  return { check_ins: back };
}

export const checkOuts: SecretSpec<OpenLdapCall> = {
  renew: (call) => {
    const secret = call.request.secret!;
    const name = asString(secret.internal['set_name']) ?? '';
    const account = asString(secret.internal['service_account_name']) ?? '';
    return call.state.sets.read(name, async () => {
      const set = await existing(name, call);
      if ((await checkOutOf(account, call)).available) {
        throw refuse(`${account} is already checked in, please call check-out to regain it`);
      }
      return reply({ secret: { ...secret, ttl: set.ttl, maxTtl: set.maxTtl } });
    });
  },
  revoke: (call) => {
    const { internal } = call.request.secret!;
    const account = asString(internal['service_account_name']) ?? '';
    return call.state.sets.write(asString(internal['set_name']) ?? '', () => checkIn(account, call));
  },
};

async function status(name: string, call: OpenLdapCall): Promise<Answer> {
  const shown: JsonObject = {};
  for (const account of (await existing(name, call)).accounts) {
    const { available, entityId, clientToken } = await checkOutOf(account, call);
    shown[account] = {
      available,
      ...(available || clientToken === '' ? {} : { borrower_client_token: clientToken }),
      ...(available || entityId === '' ? {} : { borrower_entity_id: entityId }),
    };
  }
  return shown;
}

const nameField = field.lowerCase('Name of the set.', { required: true });
const backFields = {
  name: nameField,
  service_account_names: field.commaStrings('The accounts to check in.', { always: true }),
};

export const libraryPaths = openLdapPaths()
  .path(
    'library/manage/:name/check-in',
    'Accounts are taken back, whoever has them.',
    backFields,
    {
      update: {
        run: ({ name, service_account_names: names }, call) =>
          call.state.sets.write(name, () => takeBack(name, names, true, call)),
      },
    },
    { id: { prefix: 'ldap-library', verb: 'force-check-in' } },
  )
  .path(
    'library/:name/check-in',
    'Accounts are given back.',
    backFields,
    {
      update: {
        run: ({ name, service_account_names: names }, call) =>
          call.state.sets.write(name, () => takeBack(name, names, false, call)),
      },
    },
    { id: { prefix: 'ldap-library', verb: 'check-in' } },
  )
  .path(
    'library/:name/check-out',
    'An account of the set that nobody has.',
    { name: nameField, ttl: field.duration('For how long.') },
    { update: { run: ({ name, ttl }, call) => call.state.sets.write(name, () => lend(name, ttl, call)) } },
    { id: { prefix: 'ldap-library', verb: 'check-out' } },
  )
  .path(
    'library/:name/status',
    'Who has which account of the set.',
    { name: nameField },
    { read: { run: ({ name }, call) => call.state.sets.read(name, () => status(name, call)) } },
    { id: { prefix: 'ldap-library', verb: 'check-status' } },
  )
  .path(
    'library/:name',
    'A set of accounts that are lent.',
    {
      name: nameField,
      service_account_names: field.commaStrings('The accounts; none of them may belong to something else here.'),
      ttl: field.duration('For how long an account is lent.', { default: DAY }),
      max_ttl: field.duration('For how long with all renewals.', { default: DAY }),
      disable_check_in_enforcement: field.bool('Whether anybody may give back what somebody else has.', {
        default: false,
      }),
    },
    {
      read: {
        id: { verb: 'read' },
        run: async ({ name }, { store }) => {
          const set = await store.sets.get(name);
          if (set === undefined) return undefined;
          return {
            service_account_names: set.accounts,
            ttl: set.ttl / SECOND,
            max_ttl: set.maxTtl / SECOND,
            disable_check_in_enforcement: set.anyCheckIn,
          };
        },
      },
      write: {
        id: { verb: 'configure' },
        forward: true,
        run: (input, call) =>
          call.state.sets.write(input.name, () => call.state.managing.run(() => write(input, call))),
      },
      delete: {
        id: { verb: 'delete' },
        forward: true,
        run: ({ name }, call) => call.state.sets.write(name, () => call.state.managing.run(() => remove(name, call))),
      },
    },
    {
      exists: async ({ name }, { store }) => (await store.sets.get(name)) !== undefined,
      id: { prefix: 'ldap-library' },
    },
  )
  .path(
    'library',
    'The names of the sets.',
    {},
    { list: { run: (_, { store }) => store.sets.list() } },
    { id: { prefix: 'ldap-library', verb: 'list' } },
  );

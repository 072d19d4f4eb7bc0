/** Static roles: made, changed, rotated, and what their password is. */
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { SECOND, type Micros, wholeSeconds } from '../../runtime.ts';
import { openLdapPaths, type OpenLdapCall } from './call.ts';
import { timeText } from './config.ts';
import { managedAccounts, refuseManaged } from './managed.ts';
import { nextRotation, type StaticRole } from './static-role.ts';
import { forgetRotation, RETRY, rotate, TICK, Unfinished } from './static-rotation.ts';

interface Sent {
  readonly name: string;
  readonly username: string | undefined;
  readonly dn: string | undefined;
  readonly rotation_period: number | undefined;
  readonly skip_import_rotation: boolean | undefined;
}

const NEW: StaticRole = {
  dn: '',
  username: '',
  password: '',
  lastPassword: '',
  lastRotation: undefined,
  rotationPeriod: 0,
};

async function changed(before: StaticRole, sent: Sent, create: boolean, call: OpenLdapCall): Promise<StaticRole> {
  const { username, dn, rotation_period: seconds } = sent;
  if (username === undefined && create) throw refuse('username is a required field to manage a static account');
  if (username === '') throw refuse('username must not be empty');
  if (username !== undefined && create) await refuseManaged([username], call);
  if (username !== undefined && !create && username !== before.username) {
    throw refuse('cannot update static account username');
  }
  if (dn !== undefined && dn !== '' && !create && dn !== before.dn) {
    throw refuse('cannot update static account distinguished name (dn)');
  }
  if (seconds === undefined && create) throw refuse('rotation_period is required to create static accounts');
  if (seconds !== undefined && seconds * SECOND < TICK) {
    throw refuse(`rotation_period must be ${TICK / SECOND} seconds or more`);
  }
  return {
    ...before,
    username: username ?? before.username,
    dn: dn ?? before.dn,
    rotationPeriod: seconds === undefined ? before.rotationPeriod : seconds * SECOND,
  };
}

async function write(sent: Sent, call: OpenLdapCall): Promise<Answer> {
  const { store, state } = call;
  const { name } = sent;
  const create = call.request.operation === 'create';
  const role = await changed((await store.staticRoles.get(name)) ?? NEW, sent, create, call);
  if (!create) {
    if (sent.skip_import_rotation !== undefined) throw refuse('skip_import_rotation has no effect on updates');
    await store.staticRoles.put(name, role);
    state.queue.set(name, { at: nextRotation(role), note: state.queue.get(name)?.note });
    return;
  }
  const config = await store.config.get('config');
  if (sent.skip_import_rotation === undefined && config === undefined) {
    throw failure("couldn't find configuration for this create operation's endpoint");
  }
  let at: Micros = call.now();
  if (sent.skip_import_rotation ?? config?.skipImportRotation) await store.staticRoles.put(name, role);
  else {
    try {
      at = await rotate(name, role, undefined, call);
    } catch (error) {
      // A role that was never made has nothing to be rotated later.
      if (error instanceof Unfinished) await forgetRotation(name, call);
      throw error instanceof Unfinished ? failure(error.message) : error;
    }
  }
  state.queue.set(name, { at: at + role.rotationPeriod });
  (await managedAccounts(call)).add(role.username);
}

async function remove(name: string, call: OpenLdapCall): Promise<Answer> {
  const { store, state } = call;
  // Upstream's words for what is not in it.
  if (state.queue.take(name) === undefined) throw failure('queue is empty');
  const role = await store.staticRoles.get(name);
  if (role === undefined) return;
  await store.staticRoles.delete(name);
  (await managedAccounts(call)).delete(role.username);
  await forgetRotation(name, call);
}

async function rotateNow(name: string, call: OpenLdapCall): Promise<Answer> {
  const { store, state } = call;
  const role = await store.staticRoles.get(name);
  if (role === undefined) throw refuse(`role doesn't exist: ${name}`);
  const due = state.queue.take(name);
  try {
    const at = await rotate(name, role, due?.note, call);
    state.queue.set(name, { at: at + role.rotationPeriod });
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    state.queue.set(name, { at: call.now() + RETRY, note: error.note });
    const start = 'unable to finish rotating credentials; retries will continue in the background';
    throw failure(`${start} but it is also safe to retry manually: ${error.message}`);
  }
}

const nameField = field.lowerCase('Name of the role.', { required: true });

export const staticRolePaths = openLdapPaths()
  .path(
    'static-role/:name',
    'An account that exists, whose password is changed from time to time.',
    {
      name: nameField,
      username: field.string('Name of the account.'),
      dn: field.string('DN of the account; it wins over the name.'),
      rotation_period: field.seconds('How often the password is changed.'),
      skip_import_rotation: field.bool('Whether the role begins with the password that there is.'),
    },
    {
      read: {
        run: async ({ name }, { store }) => {
          const role = await store.staticRoles.get(name);
          if (role === undefined) return undefined;
          const { dn, username, rotationPeriod, lastRotation } = role;
          return {
            dn,
            username,
            rotation_period: wholeSeconds(rotationPeriod),
            ...(lastRotation === undefined ? {} : { last_vault_rotation: formatRfc3339(lastRotation) }),
          };
        },
      },
      write: {
        forward: true,
        run: (input, call) =>
          call.state.roles.write(input.name, () => call.state.managing.run(() => write(input, call))),
      },
      delete: {
        forward: true,
        run: ({ name }, call) => call.state.roles.write(name, () => call.state.managing.run(() => remove(name, call))),
      },
    },
    {
      exists: async ({ name }, { store }) => (await store.staticRoles.get(name)) !== undefined,
      id: { prefix: 'ldap', suffix: 'static-role' },
    },
  )
  .path(
    'static-role',
    'The names of the static roles.',
    {},
    { list: { run: (_, { store }) => store.staticRoles.list() } },
    { id: { prefix: 'ldap', verb: 'list', suffix: 'static-roles' } },
  )
  .path(
    'static-cred/:name',
    'The password of a static role.',
    { name: nameField },
    {
      read: {
        run: async ({ name }, call) => {
          const role = await call.store.staticRoles.get(name);
          if (role === undefined) throw refuse(`unknown role: ${name}`);
          const left = Math.max(0, nextRotation(role) - call.now());
          return {
            dn: role.dn,
            username: role.username,
            password: role.password,
            last_password: role.lastPassword,
            ttl: Math.round(left / SECOND),
            rotation_period: wholeSeconds(role.rotationPeriod),
            last_vault_rotation: timeText(role.lastRotation),
          };
        },
      },
    },
    { id: { prefix: 'ldap', verb: 'request', suffix: 'static-role-credentials' } },
  )
  .path(
    'rotate-role/:name',
    'A new password for a static role, now.',
    { name: field.string('Name of the role.', { required: true }) },
    { update: { run: ({ name }, call) => call.state.roles.write(name, () => rotateNow(name, call)) } },
    { id: { prefix: 'ldap', verb: 'rotate', suffix: 'static-role' } },
  );

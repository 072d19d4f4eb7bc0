/** One-time passwords: an agent on the host asks `verify` whether one is good, once. */
import { parseIp, printIp } from '../../codec/address.ts';
import { asString } from '../../codec/json-fields.ts';
import { quote } from '../../codec/go-quote.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { BlockError, checkAddress, inBlocks } from './blocks.ts';
import { sshPaths, type SshCall, type SshStore } from './call.ts';
import type { SshRole } from './role.ts';
import { zeroAddressRoles } from './zero-address.ts';

export const OTP_SECRET = 'secret_otp_type';

/** What an agent asks to see whether it reaches the server, and hears then. */
const ECHO = { asked: 'verify-echo-request', answered: 'verify-echo-response' };

function userOf(role: SshRole, sent: string): string {
  if (sent === '' && role.default_user === '') {
    throw refuse("No default username registered. Use 'username' option");
  }
  const user = sent === '' ? role.default_user : sent;
  if (user === role.default_user) return user;
  if (role.allowed_users === '') {
    throw refuse('Username has to be either in allowed users list or has to be a default username');
  }
  const allowed = role.allowed_users.split(',').map((one) => one.trim());
  if (role.allowed_users !== '*' && !allowed.includes(user)) {
    throw refuse('Username is not present is allowed users list');
  }
  return user;
}

function checkRole(ip: string, role: SshRole): void {
  try {
    checkAddress(ip, role.cidr_list, role.exclude_cidr_list);
  } catch (error) {
    throw error instanceof BlockError ? refuse(`Error validating IP: ${error.message}`) : error;
  }
}

async function make(
  { role: name, username: sentUser, ip: sentIp }: { role: string; username: string; ip: string },
  call: SshCall,
): Promise<Answer> {
  if (sentIp === '') throw refuse('Missing ip');
  const { store } = call;
  const role = await store.roles.get(name);
  if (role === undefined) throw refuse(`Role ${quote(name)} not found`);
  const username = userOf(role, sentUser);
  const address = parseIp(sentIp);
  if (address === undefined) throw refuse(`Invalid IP ${quote(sentIp)}`);
  const ip = printIp(address);
  if (!(await zeroAddressRoles(store)).includes(name)) checkRole(ip, role);
  if (role.key_type !== 'otp') throw failure('key type unknown');
  const otp = makeUuid((length) => call.random.bytes(length));
  await store.otps.put(await call.state.salt.salted(otp), { username, ip, role_name: name });
  return reply({
    data: { key_type: role.key_type, key: otp, username, ip, port: role.port },
    secret: call.secret(OTP_SECRET, { otp }),
  });
}

export async function revokeOtp(call: SshCall): Promise<Answer> {
  const otp = asString(call.request.secret?.internal['otp']);
  if (otp === undefined) throw failure('secret is missing internal data');
  await call.store.otps.delete(await call.state.salt.salted(otp));
}

async function rolesFor(ip: string, store: SshStore): Promise<readonly string[]> {
  const roles: string[] = [];
  for (const name of await store.roles.list()) {
    const role = await store.roles.get(name);
    if (role !== undefined && isFor(role, ip)) roles.push(name);
  }
  return [...roles, ...(await zeroAddressRoles(store))];
}

/** A role with a list that is no list is for nobody. */
function isFor(role: SshRole, ip: string): boolean {
  try {
    return inBlocks(ip, role.cidr_list);
  } catch (error) {
    if (error instanceof BlockError) return false;
    throw error;
  }
}

export const otpPaths = sshPaths()
  .path(
    'creds/:role@',
    'A one-time password.',
    {
      role: field.string('Name of the role.', { required: true }),
      username: field.string('Whose account it is for.', { always: true }),
      ip: field.string('The address of the host.', { always: true }),
    },
    { update: { about: 'Make a one-time password.', run: make } },
    { id: { prefix: 'ssh', verb: 'generate', suffix: 'credentials' } },
  )
  .path(
    'lookup',
    'Roles for an address.',
    { ip: field.string('The address of the host.', { always: true }) },
    {
      update: {
        about: 'Name the roles that are for an address.',
        run: async ({ ip }, { store }) => {
          if (ip === '') throw refuse('Missing ip');
          const address = parseIp(ip);
          if (address === undefined) throw refuse('Invalid IP "<nil>"');
          const roles = await rolesFor(printIp(address), store);
          return { roles: roles.length === 0 ? null : roles };
        },
      },
    },
    { id: { prefix: 'ssh', verb: 'list', suffix: 'roles-by-ip' } },
  )
  .path(
    'verify',
    'Whether a one-time password is good.',
    { otp: field.string('The password.', { always: true }) },
    {
      update: {
        about: 'Use a one-time password up.',
        run: async ({ otp }, { store, state }) => {
          if (otp === ECHO.asked) return { message: ECHO.answered };
          const place = await state.salt.salted(otp);
          return state.otps.write(place, async () => {
            const found = await store.otps.get(place);
            if (found === undefined) throw refuse('OTP not found');
            await store.otps.delete(place);
            const { username, ip, role_name } = found;
            return { username, ip, role_name };
          });
        },
      },
    },
    { id: { prefix: 'ssh', verb: 'verify', suffix: 'otp' }, unauthenticated: true },
  );

export const tidyPath = sshPaths().path(
  'tidy/dynamic-keys',
  'Keys of hosts that older versions kept.',
  {},
  {
    delete: {
      about: 'Delete them.',
      run: async (_, { storage }) => {
        const keys = await storage.list('keys/');
        for (const key of keys) await storage.delete(`keys/${key}`);
        return { message: `Removed ${keys.length} of ${keys.length} host keys.` };
      },
    },
  },
  { id: { prefix: 'ssh', verb: 'tidy', suffix: 'dynamic-host-keys' } },
);

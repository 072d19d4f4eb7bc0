/** The `userpass` auth method: users with passwords. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, InvalidCredentials, refuse } from '../../fault.ts';
import { createBackend } from '../../framework/backend.ts';
import type { Call } from '../../framework/call.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import { engine } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { reply } from '../../framework/reply.ts';
import { applyOldCidrs, applyOldNumber, applyOldPolicies, oldNameFields } from '../../framework/old-token-names.ts';
import { applyTokenInput, checkAddress, parsePolicies, samePolicies } from '../../framework/token-params.ts';
import { shownTokenParams, tokenAuth, tokenFields } from '../../framework/token-params.ts';
import { hasPassword, noPassword, setPassword, twoPasswords } from './password.ts';
import type { User } from './user.ts';
import { newUser, users } from './user.ts';
import { wholeSeconds } from '../../runtime.ts';

type UserCall = Call<undefined, { users: typeof users }, BackendContext>;

const HELP =
  'Users are found by their name in lower case. Deleting a user does not revoke the tokens it already has, but they\ncan no longer be renewed.';

const passwordFields = {
  password: field.string('The password.', { always: true, display: { sensitive: true } }),
  password_hash: field.string('A bcrypt hash instead of the password.', {
    always: true,
    display: { sensitive: true },
  }),
};

const username = field.string('Name of the user.', { required: true });

const find = (name: string, { store }: UserCall): Promise<User | undefined> => store.users.get(name.toLowerCase());

async function existing(name: string, call: UserCall): Promise<User> {
  const user = await find(name, call);
  if (user === undefined) throw failure('username does not exist');
  return user;
}

/** So that a login with an unknown name takes as long as one with a known name. */
const NOBODY = '$2a$10$uOlCDmbMxhB3RdYmXvW4Ke5iS5F7CHGVpT6q2wJhAcFxUVw4pE8hW';

export const userpass = engine({
  type: 'userpass',
  class: 'auth',
  idPrefix: 'userpass',
  about:
    'Logs users in with a name and a password. Users are kept under "users/"; a login at "login/" gives a token as\ntheir settings say.',
  storage: { users },
  renewAuth: async (call) => {
    const auth = call.request.auth!;
    const user = await find(auth.metadata['username'] ?? '', call);
    if (user === undefined) return undefined;
    if (!samePolicies(user.token.policies ?? [], auth.tokenPolicies ?? [])) {
      throw failure('policies have changed, not renewing');
    }
    const { period, ttl, maxTtl } = user.token;
    return reply({ auth: { ...auth, period, ttl, maxTtl } });
  },
})
  .path(
    'users',
    'The names of all users.',
    pageFields,
    { list: { run: ({ after, limit }, { store }) => store.users.list({ after, limit }) } },
    { help: HELP, id: { suffix: 'users' }, display: { navigation: true, itemType: 'User' } },
  )
  .path(
    'users/:username/policies',
    'The policies of a user.',
    {
      username,
      policies: oldNameFields.policies,
      token_policies: field.commaStrings('The policies of tokens of this user.', { display: {} }),
    },
    {
      update: {
        run: async ({ username: name, policies, token_policies }, call) => {
          const user = await existing(name, call);
          if (token_policies !== undefined) {
            user.token.policies = parsePolicies(token_policies);
            user.policies = policies === undefined ? undefined : user.token.policies;
          } else if (policies !== undefined) {
            user.policies = parsePolicies(policies);
            user.token.policies = user.policies;
          }
          // Upstream stores under the name as it was sent here, lower case or not.
          await call.store.users.put(name, user);
        },
      },
    },
    { help: 'The new policies hold for tokens of later logins.', id: { verb: 'update', suffix: 'policies' } },
  )
  .path(
    'users/:username/password',
    'A new password for a user.',
    { username, ...passwordFields },
    {
      update: {
        run: async ({ username: name, password, password_hash }, call) => {
          const user = await existing(name, call);
          if (!hasPassword(password, password_hash)) throw noPassword();
          await setPassword(user, password, password_hash, call.runtime);
          // Upstream stores under the name as it was sent here, lower case or not.
          await call.store.users.put(name, user);
        },
      },
    },
    { help: 'Tokens of earlier logins stay valid.', id: { verb: 'reset', suffix: 'password' } },
  )
  .path(
    'users/:username',
    'A user who may log in, with a password and the settings of the tokens.',
    {
      username,
      ...passwordFields,
      ...tokenFields,
      policies: oldNameFields.policies,
      ttl: oldNameFields.ttl,
      max_ttl: oldNameFields.max_ttl,
      bound_cidrs: oldNameFields.bound_cidrs,
    },
    {
      read: {
        run: async ({ username: name }, call) => {
          const user = await find(name, call);
          if (user === undefined) return undefined;
          const data = shownTokenParams(user.token);
          if (user.ttl) data['ttl'] = wholeSeconds(user.ttl);
          if (user.maxTtl) data['max_ttl'] = wholeSeconds(user.maxTtl);
          if ((user.policies ?? []).length > 0) data['policies'] = data['token_policies']!;
          if ((user.boundCidrs ?? []).length > 0) data['bound_cidrs'] = user.boundCidrs!;
          return data;
        },
      },
      write: {
        run: async (input, call) => {
          const { password, password_hash } = input;
          const given = hasPassword(password, password_hash);
          if (call.request.operation === 'create' && !given) throw noPassword();
          if (password !== '' && password_hash !== '') throw twoPasswords();
          const user = (await find(input.username, call)) ?? newUser();
          applyTokenInput(user.token, input);
          if (given) await setPassword(user, password, password_hash, call.runtime);
          applyOldPolicies(user, input);
          applyOldNumber(user, 'ttl', input.ttl, input.token_ttl);
          applyOldNumber(user, 'maxTtl', input.max_ttl, input.token_max_ttl);
          applyOldCidrs(user, input);
          await call.store.users.put(input.username.toLowerCase(), user);
        },
      },
      delete: { run: ({ username: name }, { store }) => store.users.delete(name.toLowerCase()) },
    },
    {
      exists: async ({ username: name }, call) => (await find(name, call)) !== undefined,
      resolve: ({ username: name }) => `users/${name.toLowerCase()}`,
      help: HELP,
      id: { suffix: 'user' },
      display: { itemType: 'User', action: 'Create' },
    },
  )
  .path(
    'login/:username',
    'A login with name and password.',
    { username, password: field.string('The password.', { always: true }) },
    {
      update: {
        run: async ({ username: given, password }, call) => {
          const name = given.toLowerCase();
          if (password === '') throw failure('missing password');
          const user = await find(name, call);
          const matches = await call.runtime.crypto.bcryptVerify(encodeUtf8(password), user?.passwordHash ?? NOBODY);
          if (user === undefined) throw refuse('invalid username or password');
          if (!matches) throw new InvalidCredentials('invalid username or password');
          checkAddress(user.token, call.request);
          const { mount } = call;
          return reply({
            auth: {
              ...tokenAuth(user.token),
              internal: {},
              displayName: name,
              metadata: { username: name },
              alias: { name, mountAccessor: mount.accessor, mountType: mount.type },
            },
          });
        },
      },
      'alias-lookahead': {
        run: ({ username: name }, { mount }) => {
          if (name === '') throw failure('missing username');
          const alias = { name: name.toLowerCase(), mountAccessor: mount.accessor, mountType: mount.type };
          return reply({ auth: { ...emptyAuth(), alias } });
        },
      },
    },
    {
      help: 'The answer holds a token with the settings of the user.',
      id: { verb: 'login' },
      unauthenticated: 'login/*',
    },
  );

export const createUserpass = (context: BackendContext): Backend => createBackend(userpass, context);

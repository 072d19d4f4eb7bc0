/** Logins: whomever the server lets in has the policies filed under its name, or those of everybody else. */
import { asString } from '../../codec/json-fields.ts';
import { failure, refuse } from '../../fault.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { checkAddress, samePolicies, tokenAuth } from '../../framework/token-params.ts';
import { ask } from './ask.ts';
import { type Config, type RadiusCall, type RadiusStorage, readConfig } from './config.ts';

async function configured(call: RadiusCall): Promise<Config> {
  const config = await readConfig(call);
  if (config === undefined) throw refuse('radius backend not configured');
  return config;
}

async function policiesOf(username: string, config: Config, { store }: RadiusCall): Promise<readonly string[]> {
  const user = await store.users.get(username.toLowerCase());
  return user?.policies ?? config.unregisteredPolicies;
}

async function login(username: string, password: string, call: RadiusCall): Promise<Answer> {
  const config = await configured(call);
  checkAddress(config.token, call.request);
  if (username === '') throw refuse('username cannot be empty');
  if (password === '') throw refuse('password cannot be empty');
  await ask(config.server, username, password, call.runtime);
  const policies = await policiesOf(username, config, call);
  const auth = tokenAuth(config.token);
  const { mount } = call;
  return reply({
    auth: {
      ...auth,
      policies: [...auth.policies, ...policies],
      internal: { password },
      displayName: username,
      metadata: { policies: policies.join(','), username },
      alias: { name: username, mountAccessor: mount.accessor, mountType: mount.type },
    },
  });
}

/** The password of the login is tried again: whom the server no longer lets in, or who changed, is not renewed. */
export async function renew(call: RadiusCall): Promise<Answer> {
  const auth = call.request.auth!;
  const config = await configured(call);
  const username = auth.metadata['username'] ?? '';
  await ask(config.server, username, asString(auth.internal['password']) ?? '', call.runtime);
  const policies = await policiesOf(username, config, call);
  if (!samePolicies([...(config.token.policies ?? []), ...policies], auth.tokenPolicies ?? [])) {
    throw failure('policies have changed, not renewing');
  }
  const { period, ttl, maxTtl } = config.token;
  return reply({ auth: { ...auth, period, ttl, maxTtl } });
}

export const loginPath = paths<undefined, RadiusStorage>().path(
  'login(/:urlusername+)?',
  'A login with the name and the password that the server knows.',
  {
    username: field.string('Name of the user.', { always: true }),
    urlusername: field.string('Name of the user, when "username" is not sent.', { always: true }),
    password: field.string('The password.', { always: true }),
  },
  {
    update: {
      run: ({ username, urlusername, password }, call) =>
        login(username === '' ? urlusername : username, password, call),
    },
    'alias-lookahead': {
      run: ({ username }, { mount }) => {
        if (username === '') throw failure('missing username');
        const alias = { name: username, mountAccessor: mount.accessor, mountType: mount.type };
        return reply({ auth: { ...emptyAuth(), alias } });
      },
    },
  },
  {
    help: 'The answer holds a token with the policies of the user.',
    unauthenticated: 'login/*',
    id: { verb: 'login', suffix: '|with-username' },
  },
);

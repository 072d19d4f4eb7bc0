import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { InvalidCredentials } from '../../fault.ts';
import { replay } from '../../framework/golden.ts';
import { fakeRuntime, TestMount } from '../../framework/testing.ts';
import { createUserpass } from './userpass.ts';

/** bcrypt is slow on purpose; the transcript needs it only to tell right from wrong. */
function fastRuntime(): ReturnType<typeof fakeRuntime> {
  const runtime = fakeRuntime();
  const crypto: Crypto = {
    ...runtime.crypto,
    bcryptHash: (password) => Promise.resolve(`$2a$10$${String(password)}`),
    bcryptVerify: (password, hash) => Promise.resolve(hash === `$2a$10$${String(password)}`),
  };
  return { ...runtime, crypto };
}

const mounted = (runtime = fastRuntime()): TestMount =>
  new TestMount(createUserpass, { runtime, mount: { class: 'auth', type: 'userpass' } });

describe('userpass', () => {
  test('answers as the real server', async () => {
    const transcript = readFileSync(new URL('./userpass.golden.txt', import.meta.url), 'utf8');
    expect(await replay(mounted(), transcript)).toEqual([]);
  });

  test('knows the password that a real server hashed', async () => {
    const mount = mounted(fakeRuntime());
    await mount.context.storage.put(
      'user/bob',
      encodeUtf8(
        '{"token_bound_cidrs":["127.0.0.1"],"token_explicit_max_ttl":0,"token_max_ttl":0,"token_no_default_policy":false,"token_num_uses":0,"token_period":0,"token_policies":["a","b"],"token_type":0,"token_ttl":5000000000,"token_strictly_bind_ip":true,"PasswordHash":"JDJhJDEwJERRLmNyM1NaNVJIa0RPanBLQVY4Y3Vyc29NUHpOM0U1WW8zLks3Y25GTlBEOFdnVkNQQVdt","Policies":["a","b"],"TTL":5000000000,"MaxTTL":0,"BoundCIDRs":["127.0.0.1"]}\n',
      ),
    );
    const { response } = await mount.write('login/Bob', { password: 'x' });
    expect(response?.auth).toMatchObject({
      displayName: 'bob',
      ttl: 5_000_000,
      policies: ['a', 'b'],
      strictlyBindIp: true,
    });
    mount.address = '9.9.9.9';
    expect(await mount.write('login/bob', { password: 'x' })).toEqual({ status: 403, errors: ['permission denied'] });
  });

  test('lets the lockout count wrong passwords of users that exist', async () => {
    const mount = mounted();
    await mount.write('users/a', { password: 'x' });
    const login = (name: string): Promise<unknown> =>
      mount.backend.handle(mount.request('update', `login/${name}`, { password: 'y' }));
    await expect(login('a')).rejects.toBeInstanceOf(InvalidCredentials);
    await expect(login('b')).rejects.not.toBeInstanceOf(InvalidCredentials);
    const ahead = await mount.send('alias-lookahead', 'login/A', { password: 'y' });
    expect(ahead.response?.auth?.alias).toMatchObject({ name: 'a' });
  });

  test('renews while the policies are the same', async () => {
    const mount = mounted();
    await mount.write('users/a', { password: 'x', token_policies: 'p', token_ttl: 60 });
    const { auth } = (await mount.write('login/a', { password: 'x' })).response!;
    const renew = (): Promise<unknown> =>
      mount.backend.handle(mount.request('renew', '', {}, { auth: { ...auth!, tokenPolicies: ['default', 'p'] } }));
    expect(await renew()).toMatchObject({ auth: { ttl: 60_000_000 } });
    await mount.write('users/a', { token_policies: 'q' });
    await expect(renew()).rejects.toThrow('policies have changed, not renewing');
    await mount.delete('users/a');
    expect(await renew()).toBeUndefined();
  });
});

import { expect, test } from 'vitest';
import { print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { TestMount } from '../../framework/testing.ts';
import { createSsh } from './ssh.ts';

const mounted = (): TestMount => new TestMount(createSsh, { mount: { type: 'ssh' } });

test('a one-time password is good once, however many try it at the same time', async () => {
  const mount = mounted();
  await mount.write('roles/o', { key_type: 'otp', default_user: 'u', cidr_list: '10.0.0.0/8' });
  const otp = (await mount.write('creds/o', { ip: '10.2.3.4' })).data!['key'] as string;
  const answers = await Promise.all(Array.from({ length: 5 }, () => mount.write('verify', { otp })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('of many who add an issuer under one name one succeeds, and the first issuer is the default', async () => {
  const mount = mounted();
  const body = { key_type: 'ed25519' };
  const answers = await Promise.all(Array.from({ length: 4 }, () => mount.write('issuers/import/one', body)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await mount.read('config/ca')).data!['issuer_name']).toBe('one');
});

test('a role that an older version wrote is read with what was added since', async () => {
  const mount = mounted();
  const old = { key_type: 'ca', allow_user_certificates: true, ttl: '1h0m0s', allowed_user_key_lengths: { rsa: 2048 } };
  await mount.context.storage.put('roles/old', encodeUtf8(print(old)));
  expect((await mount.read('roles/old')).data).toMatchObject({
    ttl: 3600,
    issuer_ref: 'default',
    not_before_duration: 30,
    allowed_user_key_lengths: { rsa: [2048] },
  });
});

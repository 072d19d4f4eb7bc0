import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { replay } from '../../framework/golden.ts';
import { TestMount } from '../../framework/testing.ts';
import { createAppRole } from './approle.ts';

const mounted = (): TestMount => new TestMount(createAppRole, { mount: { class: 'auth', type: 'approle' } });

describe('approle', () => {
  test('answers as the real server', async () => {
    const transcript = readFileSync(new URL('./approle.golden.txt', import.meta.url), 'utf8');
    expect(await replay(mounted(), transcript)).toEqual([]);
  });

  test('stores roles, secret ids and accessors as the real server does', async () => {
    const mount = mounted();
    const { storage } = mount.context;
    const put = (key: string, value: string): Promise<void> => storage.put(key, encodeUtf8(value));
    // A role and its secret id from a real server, with a fixed salt.
    const role =
      '{"token_bound_cidrs":["10.0.0.0/8","1.2.3.4"],"token_explicit_max_ttl":0,"token_max_ttl":0,"token_no_default_policy":false,"token_num_uses":0,"token_period":0,"token_policies":["b","a","A"],"token_type":2,"token_ttl":3600000000000,"token_strictly_bind_ip":false,"role_id":"14f4c5c7-f51f-3046-a3f0-67650c887697","hmac_key":"2f8a9146-b19a-8443-a320-073aa7f5bcf1","policies":null,"secret_id_num_uses":3,"secret_id_ttl":600000000000,"bind_secret_id":true,"bound_cidr_list_list":null,"secret_id_bound_cidrs":null,"period":0,"lower_case_role_name":true,"secret_id_prefix":"secret_id/"}\n';
    const secret =
      '{"secret_id_accessor":"dd2aa99c-e540-7221-9ce3-6d8a8af510d3","secret_id_num_uses":3,"secret_id_ttl":600000000000,"creation_time":"2026-11-23T04:00:22.549311083Z","expiration_time":"2096-11-23T04:10:22.549311083Z","last_updated_time":"2026-11-23T04:00:22.549311083Z","metadata":{"a":"b"},"cidr_list":["127.0.0.0/8"],"token_cidr_list":["10.1.0.0/16"],"SecretIDNumUses":0}\n';
    const place =
      'secret_id/bb27210ea3e8f1a810e24165bc79bf68b31f03a2be2d9b6f68f4624fe91832c2/fd4701c8cc07202306d59f9e812b07497a56fe1190747fe87a67ae8725cdf4d0';
    await put('salt', 'bfd64d60-bbf8-faf2-6736-f938840924a5');
    await put('role/r1', role);
    await put('role_id/5617dc0394a9682fb94fd0f559a11ad19c99a5d5b99373db45bffd8019cc952b', '{"name":"r1"}\n');
    await put(
      'accessor/573dafc4875ab02f208a5a91c49bd94d4d561a51ed20fed68642c505444beea5',
      '{"secret_id_hmac":"fd4701c8cc07202306d59f9e812b07497a56fe1190747fe87a67ae8725cdf4d0"}\n',
    );
    await put(place, secret);
    const login = await mount.write('login', {
      role_id: '14f4c5c7-f51f-3046-a3f0-67650c887697',
      secret_id: '3a54215d-e6cf-9ad7-2a77-ec06c89610ff',
    });
    expect(login.response?.auth).toMatchObject({ metadata: { a: 'b', role_name: 'r1' }, boundCidrs: ['10.1.0.0/16'] });
    const left = decodeUtf8((await storage.get(place))!);
    expect(left.replace(/"last_updated_time":"[^"]*"/, '')).toBe(
      secret.replace('"secret_id_num_uses":3', '"secret_id_num_uses":2').replace(/"last_updated_time":"[^"]*"/, ''),
    );
    await mount.write('role/r1', {});
    expect(decodeUtf8((await storage.get('role/r1'))!)).toBe(role);
  });

  test('tells the lockout check who wants to log in, and the quota which role', async () => {
    const mount = mounted();
    await mount.write('role/r', { role_id: 'me' });
    const alias = await mount.send('alias-lookahead', 'login', { role_id: ' me ' });
    expect(alias.response?.auth?.alias).toMatchObject({ name: 'me' });
    expect(await mount.send('alias-lookahead', 'login')).toEqual({ status: 500, errors: ['missing role_id'] });
    expect((await mount.send('resolve-role', 'login', { role_id: 'me' })).data).toEqual({ role: 'r' });
  });

  test('renews with what the role says now, and not without the role', async () => {
    const mount = mounted();
    await mount.write('role/r', {
      role_id: 'me',
      bind_secret_id: false,
      token_bound_cidrs: '127.0.0.1',
      token_ttl: 60,
    });
    const { auth } = (await mount.write('login', { role_id: 'me' })).response!;
    await mount.write('role/r', { token_ttl: 90 });
    const renewed = await mount.backend.handle(mount.request('renew', '', {}, { auth: auth! }));
    expect(renewed?.auth).toMatchObject({ ttl: 90_000_000, metadata: { role_name: 'r' } });
    await mount.delete('role/r');
    await expect(mount.backend.handle(mount.request('renew', '', {}, { auth: auth! }))).rejects.toThrow(
      'role "r" does not exist during renewal',
    );
  });

  test('one of many simultaneous logins wins the last use', async () => {
    const mount = mounted();
    await mount.write('role/r', { role_id: 'me', secret_id_num_uses: 3 });
    const secret = (await mount.write('role/r/secret-id')).data!['secret_id']!;
    const logins = Array.from({ length: 8 }, () => mount.write('login', { role_id: 'me', secret_id: secret }));
    const statuses = (await Promise.all(logins)).map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 200, 400, 400, 400, 400, 400]);
  });

  test('is tidied once a minute', async () => {
    const mount = mounted();
    await mount.write('role/r', { secret_id_ttl: 5 });
    await mount.write('role/r/secret-id');
    await mount.backend.periodic!();
    expect(await mount.context.storage.list('accessor/')).toHaveLength(1);
    mount.clock.advance(6_000_000);
    await mount.backend.periodic!();
    expect(await mount.context.storage.list('accessor/')).toEqual([]);
    expect(await mount.context.storage.list('secret_id/')).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { asObject, asString, asStrings } from '../codec/json-fields.ts';
import { parseObject, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { defaultConfig } from '../server/default-config.ts';
import { builtinCatalog } from '../server/mounts/builtin.ts';
import { testNode } from '../server/node.fixture.ts';
import { settle } from '../server/services.fixture.ts';
import { InmemStorage } from '../storage/inmem.ts';

const { settings } = defaultConfig({ type: 'inmem', storage: new InmemStorage() }, builtinCatalog());

test('leases of namespaces below that were given up are shown on demand, with the mounts of where one asks', async () => {
  const client = testNode({ settings: { ...settings, rawStorage: true } });
  const { body: made } = await client.call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  const key = asStrings(made['keys'])?.[0] ?? '';
  client.token = '';
  await client.call('PUT', 'sys/unseal', { key });
  client.token = asString(made['root_token']) ?? '';

  const accessors = new Map<string, string>();
  for (const [place, mount, name] of [
    ['', 'up', ''],
    ['n/', 'up', 'n'],
    ['n/', 'only', 'n'],
    ['n/m/', 'up', 'n/m'],
  ] as const) {
    if (name !== '') await client.call('PUT', name === 'n' ? 'sys/namespaces/n' : 'n/sys/namespaces/m');
    await client.call('PUT', `${place}sys/auth/${mount}`, { type: 'userpass' });
    const { body } = await client.call('GET', `${place}sys/auth/${mount}`);
    accessors.set(place + mount, asString(asObject(body['data'])?.['accessor']) ?? '');
    await client.call('PUT', `${place}auth/${mount}/users/u`, { password: 'p' });
    await client.call('PUT', `${place}auth/${mount}/login/u`, { password: 'p' });
    const uuid = async (path: string) =>
      asString(asObject((await client.call('GET', path)).body['data'])?.['uuid']) ?? '';
    const folder =
      place === '' ? '' : `namespaces/${await uuid(place === 'n/' ? 'sys/namespaces/n' : 'n/sys/namespaces/m')}/`;
    const logins = `sys/raw/${folder}sys/expire/id/auth/${mount}/login/u/`;
    const keys = asStrings(asObject((await client.call('LIST', logins)).body['data'])?.['keys']) ?? [];
    for (const lease of keys) {
      const { body: raw } = await client.call('GET', logins + lease);
      const entry = parseObject(encodeUtf8(asString(asObject(raw['data'])?.['value']) ?? ''));
      await client.call('PUT', logins + lease, { value: print({ ...entry, revokeErr: 'gave up' }) });
    }
  }
  await client.call('PUT', 'sys/seal');
  await client.call('PUT', 'sys/unseal', { key });
  for (let turn = 0; turn < 50; turn++) await settle();

  const counted = async (place: string, below: boolean) => {
    const asked = `type=irrevocable&include_child_namespaces=${below}`;
    const { body } = await client.call('GET', `${place}sys/leases/count?${asked}`);
    const listed = await client.call('GET', `${place}sys/leases?${asked}`);
    expect(asObject(listed.body['data'])?.['lease_count']).toBe(asObject(body['data'])?.['lease_count']);
    return asObject(body['data'])?.['counts'];
  };
  const of = (name: string) => accessors.get(name) ?? '';
  expect(await counted('', false)).toEqual({ [of('up')]: 1 });
  expect(await counted('', true)).toEqual({ [of('up')]: 3, 'mount-accessor-not-found': 1 });
  expect(await counted('n/', false)).toEqual({ [of('n/up')]: 1, [of('n/only')]: 1 });
  expect(await counted('n/', true)).toEqual({ [of('n/up')]: 2, [of('n/only')]: 1 });
  expect(await counted('n/m/', true)).toEqual({ [of('n/m/up')]: 1 });
});

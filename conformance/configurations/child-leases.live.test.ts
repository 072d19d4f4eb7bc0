/** `include_child_namespaces` of sys/leases: leases that were given up, in namespaces within each other. */
import { expect, test } from 'vitest';
import { asList, asObject, asString, asStrings } from '../../core/codec/json-fields.ts';
import { type JsonValue, parseObject, print } from '../../core/codec/json.ts';
import { plainServer, same, until } from './beside.ts';
import { at, objectOf } from './token-player.ts';

const places = ['', 'a/', 'b/', 'a/c/'];
const asks = ['', '&include_child_namespaces=true', '&include_child_namespaces=0', '&include_child_namespaces=x'];

test('leases of namespaces below are counted and listed alike', { timeout: 120_000 }, async () => {
  const seen = await same(async (server) => {
    await server.configure(plainServer('', 'raw_storage_endpoint = true'));
    await server.start();
    await server.initialise();
    const names = new Map<string, string>();
    const ask = async (method: string, path: string, body?: unknown): Promise<JsonValue> => {
      const { text } = await server.call(method, path, body === undefined ? {} : { body });
      return text === '' ? null : objectOf(text);
    };
    const text = (value: JsonValue | undefined): string => asString(value) ?? '';
    for (const place of places) {
      const [name = '', ...above] = place.split('/').slice(0, -1).reverse();
      const node = `${above.map((one) => `${one}/`).join('')}sys/namespaces/${name}`;
      const made = place === '' ? null : await ask('PUT', node);
      const folder = place === '' ? '' : `namespaces/${text(at(made, 'data', 'uuid'))}/`;
      for (const [mount, logins] of Object.entries({ one: 1, two: 2, ...(place === 'a/' && { only: 1 }) })) {
        await ask('PUT', `${place}sys/auth/${mount}`, { type: 'userpass' });
        names.set(text(at(await ask('GET', `${place}sys/auth/${mount}`), 'data', 'accessor')), `${place} ${mount}`);
        await ask('PUT', `${place}auth/${mount}/users/u`, { password: 'p' });
        for (let login = 0; login < logins; login++) {
          await ask('PUT', `${place}auth/${mount}/login/u`, { password: 'p' });
        }
        const leases = `sys/raw/${folder}sys/expire/id/auth/${mount}/login/u/`;
        for (const id of asStrings(at(await ask('LIST', leases), 'data', 'keys')) ?? []) {
          const entry = objectOf(text(at(await ask('GET', leases + id), 'data', 'value')));
          await ask('PUT', leases + id, { value: print({ ...entry, revokeErr: 'gave up' }) });
          names.set(text(entry['lease_id']), `${place} LEASE ${mount}`);
        }
      }
    }
    await ask('PUT', 'sys/seal');
    await server.unseal();
    await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    const all = async () =>
      at(await ask('GET', 'sys/leases/count?type=irrevocable&include_child_namespaces=1'), 'data');
    await until(async () => asObject(await all())?.['lease_count'] === 13);

    const rows: unknown[] = [];
    const named = (one: JsonValue): string => names.get(text(one)) ?? text(one);
    for (const place of places) {
      for (const asked of asks) {
        for (const path of ['sys/leases/count', 'sys/leases']) {
          const { status, text: body } = await server.call('GET', `${place}${path}?type=irrevocable${asked}`);
          const { data = null, errors = null, warnings = null } = parseObject(Buffer.from(body));
          const counts = Object.entries(asObject(at(data, 'counts')) ?? {}).map(([key, count]) => [named(key), count]);
          const leases = (asList(at(data, 'leases')) ?? []).map((lease) => [
            named(at(lease, 'lease_id') ?? ''),
            named(at(lease, 'mount_id') ?? ''),
            at(lease, 'error'),
          ]);
          const total = at(data, 'lease_count') ?? null;
          rows.push([
            place,
            path,
            asked,
            status,
            total,
            counts.map(String).sort(),
            leases.map(String).sort(),
            errors,
            warnings,
          ]);
        }
        // Which of them are shown is chance, not how many.
        const { text: some } = await server.call('GET', `${place}sys/leases?type=irrevocable&limit=4${asked}`);
        rows.push([
          place,
          asked,
          at(objectOf(some), 'data', 'lease_count') ?? null,
          objectOf(some)['warnings'] ?? null,
        ]);
      }
    }
    return rows;
  });
  expect(seen).toHaveLength(places.length * asks.length * 3);
});

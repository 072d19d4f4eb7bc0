/**
 * A standby whose own database is a real replica of the active node's, which lags as long as it is told to: both kinds
 * serve reads there, with the index of a write not before it has arrived, and neither takes over where it cannot write.
 */
import { expect, test } from 'vitest';
import { ALONE, BesideServer, clusteredServer, same, until } from '../configurations/beside.ts';
import { onePostgres } from './one-postgres.ts';

const postgres = onePostgres();

const TELEMETRY = 'telemetry {\n  prometheus_retention_time = "1h"\n  disable_hostname = true\n}';

/** What is measured of the database and of the changes that are told. */
async function measured(one: BesideServer): Promise<readonly string[]> {
  const [, text] = await one.ask('GET', 'sys/metrics?format=prometheus', { headers: ALONE });
  return [...text.matchAll(/^# TYPE (vault_(?:postgres|grpc)_.*)$/gm)].map(([, name]) => name!).sort();
}

const on = (address: string, more = ''): string =>
  clusteredServer(
    `storage "postgresql" {\n  connection_url = "${address}"\n  ha_enabled = "true"${more}\n}`,
    TELEMETRY,
  );

test('a standby on a replica reads what has arrived there, and never becomes the active node', async () => {
  const running = postgres();
  await same(async (one, kind) => {
    const address = await running.database(`replicated ${kind}`);
    await one.configure(on(address));
    await one.start();
    await one.initialise();
    await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
    const replica = await running.replica();
    try {
      const write = async (value: number): Promise<{ readonly 'X-Vault-Index': string }> => {
        const { headers } = await one.call('POST', 'secret/x', { body: { value } });
        return { 'X-Vault-Index': String(headers['x-vault-index']) };
      };
      const first = await write(1);
      const two = await BesideServer.started(kind, on(replica.address(address), '\n  skip_create_table = "true"'));
      [two.keys, two.root] = [one.keys, one.root];
      const read = async (headers: object = {}): Promise<readonly [status: number, value: unknown]> => {
        const [status, text] = await two.ask('GET', 'secret/x', { headers: { ...ALONE, ...headers } });
        return [status, /"value":\d/.exec(text)?.[0] ?? text];
      };
      try {
        await two.unseal();
        await until(async () => (await read(first))[0] === 200);
        const said: unknown[] = [await read(first)];

        await replica.pause();
        const second = await write(2);
        said.push(await read(), await read(second));
        const handedOn = { headers: { ...second, 'X-Vault-Inconsistent': 'forward-active-node' } };
        said.push((await two.ask('GET', 'secret/x', handedOn))[1].includes('"value":2'));
        said.push((await two.ask('POST', 'secret/y', { body: { by: 2 } }))[0]);
        await replica.resume();
        await until(async () => (await read(second))[0] === 200);
        // The real one keeps what it read before it is told of a change, and may go on giving it (decision 0007).
        if (kind === 'ours') expect(await read(second)).toEqual([200, '"value":2']);
        said.push(await measured(two));

        await one.end('SIGKILL');
        const alone = 'cannot execute INSERT in a read-only transaction (SQLSTATE 25006)';
        await until(async () => two.printed.includes(alone) && (await read())[0] === 500);
        said.push(await read(), (await two.ask('GET', 'sys/health'))[0]);
        return said;
      } finally {
        await two.remove();
      }
    } finally {
      await replica.stop();
    }
  });
}, 120_000);

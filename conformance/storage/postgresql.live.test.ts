/**
 * PostgreSQL as the server's storage: what every storage promises, on a real one; the same rows as 2.7.2's, which takes
 * over what was written here and the other way round; and the words of both when the database is not as it should be.
 */
import { afterAll, expect, test } from 'vitest';
import { storageContract } from '../../core/storage/contract.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { PostgresStorage } from '../../core/storage/postgresql/backend.ts';
import { makeStoreIndex, makeStoreTable } from '../../core/storage/postgresql/sql.ts';
import { CommitFailed } from '../../core/storage/storage.ts';
import { type HostConnections, openConnections } from '../../host/postgresql/connections.ts';
import { BesideServer, clusteredServer, type Kind, same, until } from '../configurations/beside.ts';
import { readRows } from '../fixtures/postgres-store.ts';
import { onePostgres } from './one-postgres.ts';

let connections: HostConnections | undefined;
let tables = 0;

const postgres = onePostgres(async (started) => {
  connections = await openConnections(await started.database('contract'), { max: 20 });
});
afterAll(() => connections?.close());

async function emptyStorage(): Promise<PostgresStorage> {
  const table = `store ${++tables}`;
  await connections!.query(makeStoreTable(table));
  await connections!.query(makeStoreIndex(table));
  return new PostgresStorage(connections!, { table, transactions: 4 });
}

test.each(storageContract.map((check) => [check.name, check] as const))('%s', async (_, check) => {
  await expect(check.run(await emptyStorage())).resolves.toBeUndefined();
});

test('of two transactions that write the same entry the later one fails, and may fail at its commit only', async () => {
  const storage = await emptyStorage();
  await storage.put('x', encodeUtf8('old'));
  const [first, second] = [await storage.begin(), await storage.begin()];
  await first.get('x');
  await second.get('x');
  await first.put('x', encodeUtf8('first'));
  const late = second.put('x', encodeUtf8('second'));
  const refused = expect(late).rejects.toThrow('could not serialize access due to concurrent update (SQLSTATE 40001)');
  await first.commit();
  await refused;
  await expect(second.commit()).rejects.toBeInstanceOf(CommitFailed);
  expect(await storage.get('x')).toEqual(encodeUtf8('first'));
});

const stored = (address: string, more = ''): string =>
  clusteredServer(`storage "postgresql" {\n  connection_url = "${address}"\n${more}\n}`);

const active = (one: BesideServer): Promise<void> => until(async () => (await one.ask('GET', 'sys/health'))[0] === 200);

test.concurrent.each(['real', 'ours'] as const)(
  'what the %s server stored the other one opens, changes and gives back',
  async (founder) => {
    const address = await postgres().database(`of ${founder}`);
    const other: Kind = founder === 'real' ? 'ours' : 'real';
    let [keys, root]: [readonly string[], string] = [[], ''];
    const known: Record<string, string> = {};
    for (const [turn, kind] of [founder, other, founder].entries()) {
      const one = await BesideServer.started(kind, stored(address));
      try {
        if (turn === 0) {
          await one.initialise();
          [keys, root] = [one.keys, one.root];
          await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
          await one.ask('POST', 'sys/policies/acl/reader', {
            body: { policy: 'path "secret/*" { capabilities = ["read"] }' },
          });
          await one.ask('POST', 'sys/auth/userpass', { body: { type: 'userpass' } });
          await one.ask('POST', 'auth/userpass/users/ann', { body: { password: 'p', token_policies: 'reader' } });
        } else {
          [one.keys, one.root] = [keys, root];
          await one.unseal();
          await active(one);
        }
        const [loggedIn, login] = await one.ask('POST', 'auth/userpass/login/ann', {
          body: { password: 'p' },
          token: '',
        });
        expect([kind, loggedIn, login]).toEqual([kind, 200, login]);
        const { auth } = JSON.parse(login) as { auth: { client_token: string } };
        for (const [name, value] of Object.entries(known)) {
          const [status, text] = await one.ask('GET', `secret/${name}`, { token: auth.client_token });
          expect([kind, name, status, (JSON.parse(text) as { data: unknown }).data]).toEqual([
            kind,
            name,
            200,
            { value },
          ]);
        }
        const name = `deep/er/${turn}`;
        expect((await one.ask('POST', `secret/${name}`, { body: { value: kind } }))[0]).toBe(204);
        known[name] = kind;
        const names = JSON.stringify(JSON.parse((await one.ask('LIST', 'secret/deep/er'))[1]) as unknown);
        expect(names).toContain(JSON.stringify({ keys: Object.keys(known).map((one) => one.split('/').at(-1)) }));
      } finally {
        await one.remove();
      }
    }
  },
  60_000,
);

test('an index of the answers and the names of the rows are the real server’s', async () => {
  const running = postgres();
  await same(async (one, kind) => {
    const address = await running.database(`rows ${kind}`);
    await one.configure(stored(address));
    await one.start();
    await one.initialise();
    const { text, headers } = await one.call('GET', 'sys/seal-status');
    const index = JSON.parse(
      Buffer.from(String(headers['x-vault-index'] ?? ''), 'base64').toString() || '{}',
    ) as object;
    const answers = [];
    for (const [method, path, body] of [
      ['POST', 'sys/mounts/secret', { type: 'kv', options: { version: '1' } }],
      ['POST', 'secret/x', { a: 1 }],
      ['GET', 'secret/x'],
      ['GET', 'secret/none'],
      ['GET', 'sys/leader'],
      ['GET', 'sys/ha-status'],
      ['GET', 'sys/storage/raft/configuration'],
    ] as const) {
      const answer = await one.call(method, path, { body });
      const indexed = Buffer.from(String(answer.headers['x-vault-index'] ?? ''), 'base64').toString();
      answers.push([
        path,
        answer.status,
        indexed.replace(/"[0-9a-f-]{36}"/, 'ID').replace(/[0-9A-F]+\/[0-9A-F]+/, 'LSN'),
      ]);
    }
    const storage = (JSON.parse(text) as { storage_type: string }).storage_type;
    const rows = Object.keys(await readRows(address)).map((name) =>
      name.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID').replaceAll(/h?[0-9a-f]{40,64}$/g, 'SALTED'),
    );
    return { storage, index, answers, rows: rows.sort(), shown: one.lines(/Storage:/) };
  });
}, 60_000);

const broken: readonly (readonly [name: string, stanza: (address: string) => string])[] = [
  ['nobody listens', () => stored('postgres://postgres@127.0.0.1:1/x?sslmode=disable')],
  [
    'nobody listens, with TLS or without',
    () => stored('postgres://postgres@127.0.0.1:1/x', 'max_connect_retries = "2"'),
  ],
  ['no such database', (address) => stored(address.replace(/\/[^/?]*\?/, '/nothere?'))],
  ['a setting that the database does not know', (address) => stored(`${address}&nonsense=1`)],
  ['another way of TLS', (address) => stored(address.replace('disable', 'sometimes'))],
  ['a URL that is none', () => stored('postgres://a:secret@127.0.0.1:xx/x')],
  ['max_parallel', (address) => stored(address, 'max_parallel = "x"')],
  ['max_connect_retries', (address) => stored(address, 'max_connect_retries = "x"')],
  ['skip_create_table', (address) => stored(address, 'skip_create_table = "x"')],
  ['an empty name', (address) => stored(address, 'table = ""')],
  [
    'HA beside it that is off',
    (address) => clusteredServer(`storage "inmem" {}\nha_storage "postgresql" { connection_url = "${address}" }`),
  ],
  ['HA by what has none', (address) => `${stored(address)}\nha_storage "inmem" {}`],
];

test('what is wrong with a stanza is said as 2.7.2 says it', async () => {
  const address = await postgres().database('broken');
  await same(async (one) => {
    const said: unknown[] = [];
    for (const [name, configuration] of broken) {
      one.mark();
      await one.configure(configuration(address));
      await one.start();
      said.push([
        name,
        one.exitCode,
        one.printed.split('\n').filter((line) => /initializing|HA storage|^\t/.test(line)),
      ]);
      await one.end();
    }
    return said;
  });
}, 120_000);

/** Several servers on one PostgreSQL, of one kind and of both, and what they say while the database is away. */
import { expect, test } from 'vitest';
import { ALONE, BesideServer, clusteredServer, type Kind, same, until } from '../configurations/beside.ts';
import { onePostgres } from './one-postgres.ts';

const postgres = onePostgres();

const FORWARDING = 'disable_standby_reads = true';

const shared = (address: string, more = FORWARDING): string =>
  clusteredServer(`storage "postgresql" {\n  connection_url = "${address}"\n  ha_enabled = "true"\n}`, more);

const health = async (one: BesideServer): Promise<number> => (await one.ask('GET', 'sys/health'))[0];
const named = (one: BesideServer): string => one.filled('http://127.0.0.1:@P0');

const started = (kind: Kind, address: string, more?: string): Promise<BesideServer> =>
  BesideServer.started(kind, shared(address, more));

/** Unsealed, and knows who leads. */
async function standby(kind: Kind, address: string, leader: BesideServer, more?: string): Promise<BesideServer> {
  const made = await started(kind, address, more);
  [made.keys, made.root] = [leader.keys, leader.root];
  await made.unseal();
  await knows(made, leader);
  return made;
}

const knows = (one: BesideServer, leader: BesideServer): Promise<void> =>
  until(async () => (await one.ask('GET', 'sys/leader'))[1].includes(`"leader_address":"${named(leader)}"`));

test.concurrent.each([
  ['real', 'ours'],
  ['ours', 'ours'],
] as const)(
  'a %s server and one of %s never lead at once, hand over, and take over from one that was killed',
  async (first, second) => {
    const address = await postgres().database(`${first} and ${second}`);
    const one = await started(first, address);
    const all = [one];
    try {
      await one.initialise();
      await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
      const two = await standby(second, address, one);
      all.push(two);
      const told = await two.call('POST', 'secret/x', { body: { by: 1 }, headers: ALONE });
      expect([told.status, told.headers['location']]).toEqual([307, `${named(one)}/v1/secret/x`]);
      // Only servers of one kind speak each other's protocol.
      const handedOn = await two.ask('POST', 'secret/x', { body: { by: 1 } });
      expect(handedOn[0]).toBe(first === second ? 204 : 307);
      if (first !== second) await one.ask('POST', 'secret/x', { body: { by: 1 } });
      expect([await health(one), await health(two)]).toEqual([200, 429]);

      expect((await one.ask('POST', 'sys/step-down'))[0]).toBe(204);
      await until(async () => (await health(two)) === 200);
      expect(await health(one)).toBe(429);
      expect((await two.ask('GET', 'secret/x'))[1]).toContain('"data":{"by":1}');
      expect((await two.ask('POST', 'secret/x', { body: { by: 2 } }))[0]).toBe(204);
      await knows(one, two);

      await two.end('SIGKILL');
      expect([await health(one), (await one.ask('GET', 'secret/x', { headers: ALONE }))[0]]).toEqual([429, 307]);
      await until(async () => (await health(one)) === 200);
      expect((await one.ask('GET', 'secret/x'))[1]).toContain('"data":{"by":2}');
    } finally {
      for (const server of all) await server.remove();
    }
  },
  90_000,
);

test.concurrent(
  'a lock that somebody else has taken is told to whoever writes, and given up',
  async () => {
    const running = postgres();
    await same(async (one, kind) => {
      const address = await running.database(`fenced ${kind}`);
      await one.configure(shared(address));
      await one.start();
      await one.initialise();
      await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
      await running.execute(
        `UPDATE openbao_ha_locks SET ha_identity = 'other', ha_value = 'other', valid_until = NOW() + INTERVAL '7 seconds'`,
        address,
      );
      const refused = [];
      for (const [method, path, body] of [
        ['POST', 'secret/x', { a: 1 }],
        ['DELETE', 'secret/x'],
        ['POST', 'auth/token/create', {}],
        ['POST', 'sys/mounts/more', { type: 'kv' }],
      ] as const) {
        refused.push([method, path, ...(await one.ask(method, path, { body }))]);
      }
      await until(async () => (await health(one)) === 429);
      await until(async () => (await health(one)) === 200);
      return refused;
    });
  },
  90_000,
);

test('while the database is away both say so in the same words, and go on when it is back', async () => {
  const running = postgres();
  const words = (text: string): string =>
    text.replaceAll(/database=[^`]*`/g, 'database=DB`').replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS');
  let ready = 0;
  let gone = 0;
  await same(async (one, kind) => {
    await one.configure(shared(await running.database(`away ${kind}`)));
    await one.start();
    await one.initialise();
    await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
    await one.ask('POST', 'secret/x', { body: { a: 1 } });
    if (++ready === 2) await running.away();
    await until(() => ready === 2);
    await until(async () => (await one.ask('LIST', 'secret'))[1].includes('connection refused'));
    const said = [];
    for (const [method, path, body, token] of [
      ['GET', 'sys/seal-status'],
      ['LIST', 'secret'],
      ['GET', 'secret/new'],
      ['DELETE', 'secret/x'],
      ['POST', 'auth/token/create', {}],
      ['GET', 'auth/token/lookup-self', undefined, 'nobody'],
      ['GET', 'sys/mounts'],
    ] as const) {
      const [status, text] = await one.ask(method, path, { body, ...(token === undefined ? {} : { token }) });
      said.push([method, path, status, status === 200 ? '' : words(text)]);
    }
    await until(async () => (await health(one)) !== 200);
    for (const path of ['sys/leader', 'secret/x', 'sys/mounts']) {
      const [status, text] = await one.ask('GET', path);
      said.push(['standby', path, status, words(text)]);
    }
    if (++gone === 2) await running.back();
    await until(() => gone === 2);
    await until(async () => (await health(one)) === 200);
    said.push((await one.ask('POST', 'secret/x', { body: { a: 2 } }))[0]);
    return said;
  });
}, 120_000);

const READS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', 'secret/x'],
  ['LIST', 'secret'],
  ['GET', 'secret/none'],
  ['POST', 'secret/y', { v: 1 }],
  ['DELETE', 'secret/y'],
  ['GET', 'sys/health'],
  ['GET', 'sys/leader'],
  ['GET', 'sys/ha-status'],
  ['GET', 'sys/mounts'],
  ['GET', 'sys/policies/acl/default'],
  ['GET', 'sys/key-status'],
  ['GET', 'sys/metrics'],
  ['GET', 'sys/host-info'],
  ['GET', 'sys/in-flight-req'],
  ['GET', 'sys/config/state/sanitized'],
  ['GET', 'sys/storage/raft/configuration'],
  ['GET', 'sys/rotate/root/init'],
  ['GET', 'sys/generate-root-token/attempt'],
  ['POST', 'sys/leases/lookup', { lease_id: 'x' }],
  ['POST', 'sys/capabilities-self', { paths: ['secret/x'] }],
  ['POST', 'sys/tools/hash', { input: 'YWJj' }],
  ['GET', 'auth/token/lookup-self'],
  ['POST', 'auth/token/create', { type: 'batch', policies: ['default'] }],
  ['POST', 'auth/token/create', {}],
  ['POST', 'auth/userpass/login/nobody', { password: 'x' }],
  ['GET', 'cubbyhole/a'],
  ['POST', 'cubbyhole/a', { b: 1 }],
  ['POST', 'sys/wrapping/wrap', { a: 1 }],
  ['GET', 'nothing/there'],
];

const reading = (one: BesideServer): Promise<void> =>
  until(async () => (await one.ask('GET', 'sys/mounts', { headers: ALONE }))[0] === 200);

const indexOf = (header: unknown): { cluster: string; value: string } =>
  JSON.parse(Buffer.from(String(header), 'base64').toString()) as { cluster: string; value: string };

test.concurrent(
  'standbys of both answer the same requests by themselves, and know what the active node changes',
  async () => {
    const running = postgres();
    await same(async (one, kind) => {
      const address = await running.database(`read ${kind}`);
      await one.configure(shared(address, ''));
      await one.start();
      await one.initialise();
      await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
      await one.ask('POST', 'sys/auth/userpass', { body: { type: 'userpass' } });
      const wrote = await one.call('POST', 'secret/x', { body: { v: 1 } });
      const made = JSON.parse((await one.ask('POST', 'auth/token/create', { body: { policies: ['default'] } }))[1]) as {
        auth: { client_token: string };
      };
      const [reader, forwarder] = [await standby(kind, address, one, ''), await standby(kind, address, one)];
      const said: unknown[] = [];
      try {
        await reading(reader);
        for (const server of [reader, forwarder])
          for (const headers of [ALONE, {}])
            for (const [method, path, body] of READS) {
              const { status, headers: got, text } = await server.call(method, path, { body, headers });
              const to = String(got['location'] ?? '').replace(named(one), 'LEADER');
              said.push([
                method,
                path,
                status,
                'x-vault-index' in got,
                to,
                status >= 400 && path !== 'sys/health' ? text : '',
              ]);
            }
        const { cluster } = indexOf(wrote.headers['x-vault-index']);
        const index = (value: string) => Buffer.from(JSON.stringify({ cluster, value })).toString('base64');
        for (const server of [one, reader, forwarder])
          for (const named of [index('0/1'), index('FF/0'), index('no'), '%%', Buffer.from('{}').toString('base64')])
            for (const wish of ['fail', 'forward-active-node', 'x']) {
              const headers = { ...ALONE, 'X-Vault-Index': named, 'X-Vault-Inconsistent': wish };
              const { status, headers: got, text } = await server.call('GET', 'secret/x', { headers });
              said.push([wish, status, got['retry-after'], status >= 400 ? text : '']);
            }

        const token = made.auth.client_token;
        const own = { token, headers: ALONE };
        said.push((await reader.ask('GET', 'auth/token/lookup-self', own))[0]);
        await one.ask('POST', 'auth/token/revoke', { body: { token } });
        await until(async () => (await reader.ask('GET', 'auth/token/lookup-self', own))[0] === 307);
        for (let turn = 2; turn <= 5; turn++) {
          await reader.ask('POST', 'secret/x', { body: { v: turn } });
          await until(async () =>
            (await reader.ask('GET', 'secret/x', { headers: ALONE }))[1].includes(`{"v":${turn}}`),
          );
        }

        // Nobody tells it anything any more, until it is the active node. (A third one might be, whom the real one may miss.)
        await forwarder.end();
        await one.end('SIGKILL');
        await until(async () => (await reader.ask('GET', 'secret/x', { headers: ALONE }))[0] === 307);
        await until(async () => (await reader.ask('GET', 'secret/x'))[0] === 200);
      } finally {
        await reader.remove();
        await forwarder.remove();
      }
      return said;
    });
  },
  120_000,
);

test.concurrent(
  'who reads with the index of an answer gets nothing older from ours',
  async () => {
    const address = await postgres().database('own writes');
    const one = await started('ours', address, '');
    try {
      await one.initialise();
      await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
      const reader = await standby('ours', address, one, '');
      try {
        await reading(reader);
        const client = async (name: string): Promise<void> => {
          for (let turn = 1; turn <= 50; turn++) {
            const { headers } = await one.call('POST', `secret/${name}`, { body: { turn } });
            const index = { ...ALONE, 'X-Vault-Index': String(headers['x-vault-index']) };
            const [status, text] = await reader.ask('GET', `secret/${name}`, { headers: index });
            expect(status === 429 || text.includes(`"data":{"turn":${turn}}`)).toBe(true);
          }
        };
        await Promise.all(Array.from({ length: 8 }, (_, at) => client(`c${at}`)));
      } finally {
        await reader.remove();
      }
    } finally {
      await one.remove();
    }
  },
  90_000,
);

test.concurrent(
  'with raft for high availability beside one PostgreSQL a node joins through whom the data name, and serves reads',
  async () => {
    const running = postgres();
    const raftBeside = (address: string, node: string): string =>
      clusteredServer(
        `storage "postgresql" {\n  connection_url = "${address}"\n}\n` +
          `ha_storage "raft" {\n  path = "@DIR/data"\n  node_id = "${node}"\n  performance_multiplier = 1\n}`,
      );
    await same(async (one, kind) => {
      const address = await running.database(`beside raft ${kind}`);
      await one.configure(raftBeside(address, 'one'));
      await one.start();
      await one.initialise();
      await one.ask('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '1' } } });
      await one.ask('POST', 'secret/x', { body: { v: 1 } });
      const two = await BesideServer.started(kind, raftBeside(address, 'two'));
      [two.keys, two.root] = [one.keys, one.root];
      try {
        const joining = (body: object) => two.ask('POST', 'sys/storage/raft/join', { body });
        const said: unknown[] = [await joining({})];
        await two.unseal();
        said.push(await two.ask('GET', 'sys/leader'), await two.ask('GET', 'secret/x'));
        said.push(await joining({ leader_api_addr: named(one) }), await joining({}));
        await knows(two, one);
        await reading(two);
        said.push((await two.ask('POST', 'secret/x', { body: { v: 2 } }))[0]);
        await until(async () => (await two.ask('GET', 'secret/x', { headers: ALONE }))[1].includes('{"v":2}'));
        said.push(await joining({}));
        const { text } = await two.call('GET', 'sys/storage/raft/configuration', { headers: ALONE });
        const { data } = JSON.parse(text) as { data: { config: { servers: { node_id: string; leader: boolean }[] } } };
        return [...said, data.config.servers.map(({ node_id, leader }) => [node_id, leader])];
      } finally {
        await two.remove();
      }
    });
  },
  90_000,
);

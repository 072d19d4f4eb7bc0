/** Several servers on one PostgreSQL, of one kind and of both, and what they say while the database is away. */
import { expect, test } from 'vitest';
import { ALONE, BesideServer, clusteredServer, type Kind, same, until } from '../configurations/beside.ts';
import { onePostgres } from './one-postgres.ts';

const postgres = onePostgres();

const shared = (address: string): string =>
  clusteredServer(
    `storage "postgresql" {\n  connection_url = "${address}"\n  ha_enabled = "true"\n}`,
    'disable_standby_reads = true',
  );

const health = async (one: BesideServer): Promise<number> => (await one.ask('GET', 'sys/health'))[0];
const named = (one: BesideServer): string => one.filled('http://127.0.0.1:@P0');

const started = (kind: Kind, address: string): Promise<BesideServer> => BesideServer.started(kind, shared(address));

/** Unsealed, and knows who leads. */
async function standby(kind: Kind, address: string, leader: BesideServer): Promise<BesideServer> {
  const made = await started(kind, address);
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

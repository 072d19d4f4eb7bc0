/** Several servers on one PostgreSQL, of one kind and of both. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALONE, BesideServer, type Kind, until } from '../configurations/beside.ts';
import { type Postgres, startPostgres } from '../fixtures/postgres.ts';
import { Missing } from '../program.ts';

let postgres: Postgres | undefined;

beforeAll(async () => {
  try {
    postgres = await startPostgres();
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.log(`skipped: ${error.message}`);
  }
}, 60_000);
afterAll(() => postgres?.stop());

const shared = (address: string): string => `storage "postgresql" {
  connection_url = "${address}"
  ha_enabled = "true"
}
listener "tcp" {
  address = "127.0.0.1:@P0"
  cluster_address = "127.0.0.1:@P1"
  tls_disable = true
}
api_addr = "http://127.0.0.1:@P0"
cluster_addr = "https://127.0.0.1:@P1"
disable_standby_reads = true
`;

const health = async (one: BesideServer): Promise<number> => (await one.ask('GET', 'sys/health'))[0];
const named = (one: BesideServer): string => one.filled('http://127.0.0.1:@P0');

async function started(kind: Kind, address: string): Promise<BesideServer> {
  const made = await BesideServer.make(kind);
  await made.configure(shared(address));
  await made.start();
  return made;
}

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
  ['ours', 'real'],
  ['ours', 'ours'],
] as const)(
  'a %s server and one of %s never lead at once, hand over, and take over from one that was killed',
  async (first, second) => {
    if (postgres === undefined) return;
    const address = await postgres.database(`${first} and ${second}`);
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

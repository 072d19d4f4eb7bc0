/**
 * A revocation that finds its target broken, on both servers: what they log of the first attempts, and how long they
 * wait in between. All six take ten minutes; that they do is the story scenarios/leases/given-up-across-failovers.
 */
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDuration } from '../../core/codec/duration.ts';
import { eventually } from '../cluster.ts';
import { type Listening, listening } from '../fixtures/listening.ts';
import { baoProgram, freePort, startProgram } from '../program.ts';
import { oursCommand } from '../targets/program.ts';
import { listener } from '../services/http.ts';
import { orSkipped } from './side.ts';

const LEASES = 10;
const SECOND = 1_000_000;

let sides: readonly (readonly string[])[] = [];
/** A RabbitMQ of which only as much is there as makes users, while it is not broken. */
let broken = false;
let running: Listening | undefined;
const management = createServer(
  listener(({ method }) => {
    const headers: [string, string][] = [['content-type', 'application/json']];
    if (broken) return { status: 500, headers, body: Buffer.from('{"error":"broken","reason":"broken"}') };
    return { status: method === 'GET' ? 200 : 204, headers, body: Buffer.from(method === 'GET' ? '[]' : '') };
  }),
);

beforeAll(
  () =>
    orSkipped(async () => {
      sides = [[await baoProgram()], oursCommand];
      running = await listening(management);
    }),
  300_000,
);

afterAll(async () => {
  await running?.end();
});

interface Retries {
  /** The line, without what is its own; the wait by attempt. */
  readonly lines: ReadonlySet<string>;
  readonly waits: ReadonlyMap<number, readonly number[]>;
  readonly refusal: string;
}

async function retries([program, ...head]: readonly string[]): Promise<Retries> {
  const port = await freePort();
  const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
  const server = await startProgram(program!, [...head, 'server', ...flags], port, { BAO_LOG_LEVEL: 'trace' });
  const call = async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`${server.address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': 'root' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return `${response.status} ${await response.text()}`;
  };
  const found = (): RegExpMatchArray[] => [
    ...server.output().matchAll(/\[[A-Z]+\] +expiration: failed to revoke lease.* attempts=(\d+) next_attempt=(\S+)/g),
  ];
  try {
    broken = false;
    const connection = { connection_uri: `http://127.0.0.1:${running!.port}` };
    await call('POST', 'sys/mounts/rabbitmq', { type: 'rabbitmq' });
    await call('POST', 'rabbitmq/config/connection', { ...connection, username: 'boss', password: 'boss' });
    await call('POST', 'rabbitmq/roles/r', { tags: 'administrator' });
    const leases: string[] = [];
    for (let made = 0; made < LEASES; made++) {
      const { lease_id } = JSON.parse((await call('GET', 'rabbitmq/creds/r')).slice(4)) as { lease_id: string };
      leases.push(lease_id);
    }
    broken = true;
    const refusal = await call('PUT', 'sys/leases/revoke', { lease_id: leases[0] });
    for (const lease of leases) await call('PUT', 'sys/leases/revoke', { lease_id: lease, sync: false });
    await eventually(
      'all were tried twice',
      () => Promise.resolve(found().filter(([, attempts]) => attempts === '2').length === LEASES || undefined),
      90_000,
    );
    const waits = new Map<number, number[]>();
    for (const [, attempts, wait] of found().filter(([, number]) => Number(number) <= 2))
      waits.set(Number(attempts), [...(waits.get(Number(attempts)) ?? []), parseDuration(wait!)]);
    const lines = new Set(
      found().map(([line]) => line.replace(/lease_id=\S+/, 'lease_id=ID').replace(/ attempts=.*/, '')),
    );
    return { lines, waits, refusal };
  } finally {
    await server.stop();
  }
}

test('both say the same of attempts that fail, and wait 2^n times ten seconds, half more or less', async (context) => {
  // `orSkipped` has printed why.
  if (sides.length < 2) return context.skip();
  const [theirs, ours] = [await retries(sides[0]!), await retries(sides[1]!)];
  expect(ours.lines).toEqual(theirs.lines);
  expect(ours.refusal).toBe(theirs.refusal);
  for (const { waits } of [theirs, ours]) {
    for (const attempt of [1, 2]) {
      const middle = 10 * SECOND * 2 ** attempt;
      const all = waits.get(attempt)!;
      expect(all).toHaveLength(LEASES);
      for (const wait of all) {
        expect(wait).toBeGreaterThanOrEqual(middle / 2);
        expect(wait).toBeLessThanOrEqual(middle * 1.5);
      }
      expect(new Set(all).size).toBe(LEASES);
    }
  }
}, 300_000);

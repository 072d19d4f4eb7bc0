import { expect, test } from 'vitest';
import { nodePump } from '../host/pump.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import type { Runtime } from '../core/runtime.ts';
import { Bench } from './testing.ts';

const crypto = portableCrypto();
const forever = (): boolean => false;

/** Three machines that gossip, write and sleep for a second. */
function gossip(seed: string, flip: (bench: Bench) => void = () => {}): Bench {
  const bench = new Bench(crypto, seed, { hashLog: true });
  for (const name of ['n1', 'n2', 'n3']) {
    bench.run(name, async ({ network, clock, random, disk }: Runtime) => {
      network.listen(`${name}:1`, (connection) => connection.onMessage((message) => connection.send(message)));
      const file = await disk.open('log', { create: true });
      await clock.sleep(1000);
      for (const peer of ['n1', 'n2', 'n3']) {
        const connection = await network.dial(`${peer}:1`, 1_000_000);
        for (let i = 0; i < 5; i++) {
          connection.send(random.bytes(20));
          await file.write(file.size(), random.bytes(10));
          await file.sync();
          await clock.sleep(random.below(50_000));
        }
      }
    });
  }
  flip(bench);
  return bench;
}

async function hashOf(bench: Bench): Promise<string> {
  await nodePump(bench.world, forever);
  expect(bench.world.crashes).toEqual([]);
  return bench.world.hash.digest;
}

test('the same seed gives the same hash', async () => {
  expect(await hashOf(gossip('7'))).toBe(await hashOf(gossip('7')));
});

test('different seeds give different hashes', async () => {
  const hashes = await Promise.all(['1', '2', '3', '4', '5'].map((seed) => hashOf(gossip(seed))));
  expect(new Set(hashes).size).toBe(5);
});

test('one flipped byte of one message changes the hash, and the log names the event', async () => {
  const plain = gossip('7');
  const flipped = gossip('7', ({ network }) => {
    let count = 0;
    network.rule(({ bytes }) => {
      if (++count !== 11) return 'pass';
      const instead = bytes.slice();
      instead[3]! ^= 1;
      return { instead };
    });
  });
  const untouched = gossip('7', ({ network }) => network.rule(() => 'pass'));
  const hash = await hashOf(plain);
  expect(await hashOf(untouched)).toBe(hash);
  expect(await hashOf(flipped)).not.toBe(hash);
  plain.world.hashLog!.close(plain.world.hash);
  flipped.world.hashLog!.close(flipped.world.hash);
  const difference = plain.world.hashLog!.firstDifference(flipped.world.hashLog!);
  expect(difference).toBeGreaterThan(0);
  expect(plain.world.hashLog!.event(difference!).process).toMatch(/^n[123]$/);
});

function write(byte: number): Promise<string> {
  const bench = new Bench(crypto);
  bench.run('n1', ({ disk }) => disk.writeFile('a', Uint8Array.of(byte), { sync: true }));
  return hashOf(bench);
}

test('what is written to disk is in the hash', async () => {
  expect(await write(1)).toBe(await write(1));
  expect(await write(1)).not.toBe(await write(2));
});

function say(term: number, text: string): Promise<string> {
  const bench = new Bench(crypto);
  bench.run('n1', (runtime) => {
    runtime.trace({ kind: 'raft.leader', leader: 'n1', term });
    runtime.log.write('info', 'core', text);
  });
  return hashOf(bench);
}

test('trace events and log lines are in the hash', async () => {
  expect(new Set([await say(1, 'a'), await say(2, 'a'), await say(1, 'b')]).size).toBe(3);
});

test('an exception in a node is recorded with its machine', async () => {
  const bench = new Bench(crypto);
  bench.run('n1', async ({ clock }) => {
    await clock.sleep(5);
    throw new Error('broken');
  });
  bench.run('n2', ({ clock }) => {
    clock.after(9, () => {
      throw new Error('broken too');
    });
  });
  await nodePump(bench.world, forever);
  expect(bench.world.crashes.map(({ at, process }) => [at, process.name])).toEqual([
    [5, 'n1'],
    [9, 'n2'],
  ]);
});

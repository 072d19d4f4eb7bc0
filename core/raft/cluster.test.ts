import { expect, test } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { nodePump } from '../../host/pump.ts';
import { SECOND } from '../runtime.ts';
import { RaftBench } from '../../sim/raft-bench.ts';

const crypto = portableCrypto();

/** Runs until `done` or for so many seconds. */
async function until(cluster: RaftBench, seconds: number, done: () => boolean = () => false): Promise<void> {
  const end = cluster.now + seconds * SECOND;
  await nodePump(cluster.bench.world, () => done() || cluster.bench.world.nextTime > end);
  expect(cluster.bench.world.crashes).toEqual([]);
}

test('three nodes elect a leader and replicate what it is given', async () => {
  const cluster = new RaftBench(crypto);
  if (process.env['RAFT_LOG'])
    cluster.bench.world.onLog((r) =>
      console.log((r.at / 1e6).toFixed(6), r.node, r.level, r.message, JSON.stringify(r.fields ?? {})),
    );
  await until(cluster, 60, () => cluster.leader !== undefined);
  expect(cluster.leader).toBeDefined();
  const results: unknown[] = [];
  for (const text of ['a', 'b', 'c']) void cluster.leader!.raft!.apply(encodeUtf8(text)).then((r) => results.push(r));
  await until(cluster, 5);
  expect(results).toEqual([1, 2, 3]);
  for (const { fsm } of cluster.nodes) expect(fsm!.lines).toEqual(['a', 'b', 'c']);
});

import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readCluster } from '../../reproduce/cluster-log.ts';
import { inferFaults } from '../../reproduce/faults.ts';
import { realOutages } from '../../reproduce/outage.ts';
import { RealCluster, removeFolder } from '../cluster.ts';
import { Breaker, pause } from './breaker.ts';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));

test('the logs of our own server tell of a leader that was killed and of one that was told to end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-outage-'));
  const cluster = await RealCluster.start({ program: process.execPath, arguments: [steamer], folder, multiplier: 1 });
  try {
    const leader = await cluster.healthy(180_000);
    await leader.request('POST', 'sys/mounts/kv', { token: cluster.token, body: { type: 'kv' } });
    const breaker = new Breaker(cluster, leader, undefined);
    await breaker.play(async () => {
      await breaker.kill(leader);
      await pause(6_000);
      breaker.start(leader);
      const next = await cluster.healthy(60_000);
      await breaker.terminate(next);
      await pause(1_000);
      breaker.start(next);
    });
    const files = await Promise.all(
      cluster.nodes.map(async ({ name, log }) => ({ file: `${name}.log`, text: await readFile(log, 'utf8') })),
    );
    const log = readCluster(files);
    for (const { facts } of log.nodes)
      expect([facts.version, facts.seal, facts.storage, facts.multiplier]).toEqual(['2.7.2', 'static', 'raft', 1]);
    const faults = inferFaults(log, 1);
    const done = breaker.done.filter(({ what }) => what !== 'start').map(({ what, node }) => `${what} ${node}`);
    expect(faults.map(({ kind, node }) => `${kind} ${node}`)).toEqual(done);
    expect(realOutages(log.moments, faults)).toHaveLength(2);
  } finally {
    await cluster.stop();
    await removeFolder(folder);
  }
}, 300_000);

import { setImmediate as macrotask } from 'node:timers';
import { expect, test } from 'vitest';
import { nodeCrypto } from '../host/crypto.ts';
import { nodePump, portablePump } from '../host/pump.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import { expect as expectStory } from './expect.ts';
import { openbao } from './openbao.ts';
import { type RunOptions, type RunResult, runScenario } from './run.ts';
import { scenario } from './scenario.ts';
import { kv } from './workloads/kv.ts';

const failover = scenario(
  'a short failover',
  { minimum: { acknowledged: 50, faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 2, keys: 5, every: '100ms', timeout: '1s' }));
    const killed = bao.leader;
    sim.at('2s', 'kill the leader', () => bao.kill(killed));
    await sim.run('10s');
    expectStory(bao.leader === killed).toBe(false);
    bao.restart(killed);
    await bao.ready();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expectStory(history).toBeLinearizable();
  },
);

const play = (options: Partial<RunOptions> = {}): Promise<RunResult> =>
  runScenario(failover, 42, { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao, hashLog: true, ...options });

test('a failover of the real server replays bit for bit, on either pump and with either cryptography', async () => {
  const first = await play();
  expect(first.violations).toEqual([]);
  const others = [
    await play(),
    await play({ pump: portablePump((run) => void macrotask(run)) }),
    await play({ crypto: portableCrypto() }),
  ];
  for (const other of others) expect(first.hashLog!.describeDifference(other.hashLog!)).toBeUndefined();
  expect(new Set(others.map(({ hash }) => hash))).toEqual(new Set([first.hash]));
}, 60_000);

test('one node in memory and one on files serve a story too', async () => {
  for (const storage of ['inmem', 'file'] as const) {
    const single = scenario(storage, { minimum: { acknowledged: 20 } }, async (sim) => {
      const bao = await sim.cluster({ nodes: 1, storage, seal: 'shamir' });
      await bao.mount('secret', 'kv-v2');
      const history = bao.workload(kv.putAndGet({ clients: 2, keys: 3, every: '100ms', cas: 50 }));
      await sim.run('3s');
      expectStory(history).toBeLinearizable();
    });
    const result = await runScenario(single, 1, { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao });
    expect(result.violations).toEqual([]);
  }
});

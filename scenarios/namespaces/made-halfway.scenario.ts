import { at } from '../../sim/client.ts';
import { expect, killAtWrite, scenario } from '../../sim/story.ts';

/** A namespace takes several writes, and is marked until the last of them: what is half made can be told, and goes. */
for (const [where, key, nth] of [
  ['its policies', /^namespaces\/[^/]+\/sys\//, 1],
  ['its mounts', /^namespaces\/[^/]+\/core\/mounts\//, 1],
  ['that it is whole', /^core\/namespaces\//, 2],
] as const)
  scenario(
    `a namespace whose maker dies before writing down ${where} is marked, and can be deleted and made again`,
    { minimum: { faults: 1, elections: 1 } },
    async (sim) => {
      const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
      await sim.run('2s');
      const killed = bao.leader;
      const death = killAtWrite(sim, bao, key, nth);
      await bao.ask('POST', 'sys/namespaces/a', { node: killed });
      await sim.run('10s');
      expect(death.node).toBe(killed);
      bao.restart(killed);
      await bao.ready();
      const half = await bao.ask('GET', 'sys/namespaces/a');
      expect(at(half.json, 'data', 'tainted')).toBe(true);
      expect((await bao.ask('POST', 'sys/namespaces/a')).status).toBe(400);
      expect((await bao.ask('GET', 'a/sys/mounts')).status).toBeAtLeast(400);
      await bao.request('DELETE', 'sys/namespaces/a');
      await sim.run('5s');
      expect((await bao.ask('GET', 'sys/namespaces/a')).status).toBe(404);
      await bao.request('POST', 'sys/namespaces/a');
      await bao.request('POST', 'a/sys/mounts/kv', { type: 'kv' });
      await bao.request('POST', 'a/kv/x', { value: 'y' });
      await sim.run('2s');
      for (const node of bao.names) expect((await bao.ask('GET', 'a/kv/x', { node })).status).toBe(200);
      await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    },
  );

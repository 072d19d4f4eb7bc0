import { at } from '../../sim/client.ts';
import { furnish, keepApart } from '../../sim/workloads/namespaces.ts';
import { expect, scenario } from '../../sim/story.ts';

const names = ['red', 'green', 'green/leaf'] as const;

/** Which node answers, and whether it has just become active, is no reason to mix what belongs to different people. */
scenario(
  'namespaces stay apart through failovers, and one that is locked or deleted is so on every node',
  { minimum: { faults: 3, elections: 3 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const tokens: string[] = [];
    for (const name of names) {
      const [parent, child] = name.includes('/') ? name.split('/') : ['', name];
      await bao.request('POST', `${parent === '' ? '' : `${parent}/`}sys/namespaces/${child}`);
      tokens.push(await furnish(bao, name));
    }
    const sight = keepApart(sim, bao, { namespaces: names, every: '400ms' }, tokens);
    const first = bao.leader;
    sim.at('10s', 'kill the leader', () => bao.kill(first));
    sim.at('40s', 'start it again', () => bao.restart(first));
    sim.at('60s', 'the new leader steps down', () => bao.stepDown());
    await sim.run('90s');
    await bao.ready();
    expect(sight.written).toBeAtLeast(25);
    expect(sight.read).toBeAtLeast(50);
    expect(sight.refused).toBeAtLeast(25);

    const shows = (wanted: Readonly<Record<(typeof names)[number], number>>) =>
      sim.eventually('5s', `all nodes answer ${JSON.stringify(wanted)}`, async () => {
        for (const node of bao.names)
          for (const [index, name] of names.entries())
            for (const token of [bao.keys.rootToken, tokens[index]!])
              if ((await bao.ask('LIST', `${name}/kv/`, { node, token })).status !== wanted[name]) return false;
        return true;
      });
    const key = at(await bao.request('POST', 'sys/namespaces/api-lock/lock/green'), 'data', 'unlock_key') as string;
    const locked = { red: 200, green: 503, 'green/leaf': 503 };
    await shows(locked);
    await bao.stepDown();
    await sim.run('15s');
    await bao.ready();
    await shows(locked);
    const unlock = (unlock_key: string) =>
      bao.ask('POST', 'sys/namespaces/api-lock/unlock/green', { body: { unlock_key } });
    expect((await unlock(key.slice(1))).status).toBe(400);
    await shows(locked);
    expect((await unlock(key)).status).toBe(204);
    await shows({ red: 200, green: 200, 'green/leaf': 200 });

    const listed = async (node: string) => (await bao.ask('GET', 'red/sys/namespaces?list=true', { node })).status;
    expect((await bao.ask('DELETE', 'sys/namespaces/green')).status).toBe(400);
    expect((await bao.ask('DELETE', 'sys/namespaces/red')).status).toBe(200);
    await sim.run('5s');
    for (const node of bao.names) expect(await listed(node)).toBe(404);
    expect((await bao.ask('GET', 'red/kv/key-0', { token: tokens[0]! })).status).toBe(403);
    expect((await bao.ask('LIST', 'green/kv/', { token: tokens[1]! })).status).toBe(200);
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  },
);

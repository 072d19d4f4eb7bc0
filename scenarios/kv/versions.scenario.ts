import { expect, scenario, VersionsWorkload } from '../../sim/story.ts';

/** Deleted can be brought back, destroyed cannot, and of old versions there are as many as were asked for. */
scenario(
  'versions of secrets are read, deleted, brought back, destroyed and counted out as promised, whoever leads',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const load = new VersionsWorkload({ clients: 3, every: '60ms' });
    bao.workload(load);
    await sim.run('6s');
    const first = bao.leader;
    bao.kill(first);
    await sim.run('10s');
    bao.restart(first);
    await bao.ready();
    await sim.run('3s');
    await bao.stepDown();
    await sim.run('10s');
    await bao.ready();
    sim.resting = true;
    await sim.run('3s');
    expect(load.changed).toBeAtLeast(150);
    expect(load.read).toBeAtLeast(75);
    load.claim(sim, bao);

    // Of those who change the settings of a secret that they know in one state, one gets his way.
    await bao.request('POST', 'secret/metadata/contested', { custom_metadata: { by: 'nobody' } });
    for (let version = 1; version <= 3; version++) {
      const change = (client: number) =>
        bao.ask('POST', 'secret/metadata/contested', {
          body: { custom_metadata: { by: String(client) }, metadata_cas: version },
        });
      const answers = await Promise.all([0, 1, 2, 3].map(change));
      expect(answers.filter(({ status }) => status === 204).length).toBe(1);
    }
  },
);

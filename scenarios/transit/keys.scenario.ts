import { expect, scenario, TransitKeys } from '../../sim/story.ts';

/** Versions are made, shut off, thrown away; whoever leads, what is to be readable is, and what is not to be is not. */
scenario(
  'a key of transit has the versions that it has to, and reads and writes with those that it may',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const keys = new TransitKeys(sim, bao);
    await keys.furnish();
    await sim.run('2s');
    for (let round = 0; round < 8; round++) await keys.round();
    const first = bao.leader;
    bao.kill(first);
    await sim.run('12s');
    bao.restart(first);
    await bao.ready();
    await sim.run('5s');
    for (let round = 0; round < 8; round++) await keys.round();
    await bao.stepDown();
    await sim.run('12s');
    await bao.ready();
    for (let round = 0; round < 4; round++) await keys.round();
    expect(keys.read).toBeAtLeast(30);
    expect(keys.refused).toBeAtLeast(30);
  },
);

import { expect, Giving, scenario } from '../../sim/story.ts';

/** Policies come from the parent or the role, and a period, an id, no parent and no end only from who has `sudo`. */
scenario(
  'a token gives what it has or what a role allows, and nothing beyond, whoever leads',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const giving = new Giving(sim, bao);
    await giving.furnish();
    await sim.run('2s');
    for (let round = 0; round < 10; round++) await giving.round();
    await bao.stepDown();
    await sim.run('15s');
    await bao.ready();
    for (let round = 0; round < 10; round++) await giving.round();
    expect(giving.granted).toBeAtLeast(40);
    expect(giving.refused).toBeAtLeast(20);
  },
);

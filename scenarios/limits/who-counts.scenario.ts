import { expect, RateLimits, scenario } from '../../sim/story.ts';

/** The most exact quota counts, for each address and on each node apart, over its interval and its block. */
scenario(
  'of several quotas the most exact one counts, each address by itself, on each node by itself',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const limits = new RateLimits(sim, bao);
    await limits.furnish();
    await sim.run('2s');
    for (let round = 0; round < 3; round++) await limits.round();
    await bao.stepDown();
    await sim.run('15s');
    await bao.ready();
    for (let round = 0; round < 2; round++) await limits.round();
    await limits.abandon();
    expect(limits.allowed).toBeAtLeast(100);
    expect(limits.refused).toBeAtLeast(20);
  },
);

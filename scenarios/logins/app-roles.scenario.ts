import { AppRoles, expect, scenario } from '../../sim/story.ts';

/** Uses, lifetimes and addresses of secret ids, and of the tokens that they give, are kept to wherever one asks. */
scenario(
  'who logs in by AppRole gets what the role and the secret id say, from where they say, as often as they say',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const roles = new AppRoles(sim, bao);
    await roles.furnish();
    await sim.run('1s');
    for (let round = 0; round < 6; round++) await roles.round();
    const first = bao.leader;
    bao.kill(first);
    await sim.run('12s');
    bao.restart(first);
    await bao.ready();
    await sim.run('20s');
    for (let round = 0; round < 6; round++) await roles.round();
    await bao.stepDown();
    await sim.run('15s');
    await bao.ready();
    for (let round = 0; round < 3; round++) await roles.round();
    expect(roles.admitted).toBeAtLeast(10);
    expect(roles.refused).toBeAtLeast(10);
  },
);

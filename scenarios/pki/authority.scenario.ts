import { Authority, expect, scenario } from '../../sim/story.ts';

/** No certificate is for a name, a purpose or a time that its role and its issuer do not allow, whoever leads. */
scenario(
  'what an authority issues is within its roles and its own time, and what it revokes is on its list',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const authority = new Authority(sim, bao);
    await authority.furnish();
    await sim.run('1s');
    for (let round = 0; round < 6; round++) await authority.round();
    const first = bao.leader;
    bao.kill(first);
    await sim.run('12s');
    bao.restart(first);
    await bao.ready();
    for (let round = 0; round < 5; round++) await authority.round();
    await bao.stepDown();
    await sim.run('12s');
    await bao.ready();
    for (let round = 0; round < 4; round++) await authority.round();
    expect(authority.issued).toBeAtLeast(10);
    expect(authority.refused).toBeAtLeast(10);
    expect(authority.revoked).toBeAtLeast(1);
  },
);

import { OpenIdService } from '../../sim/services/openid-service.ts';
import { expect, Rights, scenario } from '../../sim/story.ts';

/** Policies, groups and entities change, leaders too; what somebody may do follows from them and from nothing else. */
scenario(
  'what one may do is what policies, groups and entities say, on whichever node',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const rights = new Rights(sim, bao, new OpenIdService(sim));
    await rights.furnish();
    await sim.run('2s');
    for (let round = 0; round < 5; round++) await rights.round();
    const first = bao.leader;
    bao.kill(first);
    await sim.run('15s');
    bao.restart(first);
    await bao.ready();
    await sim.run('2s');
    for (let round = 0; round < 5; round++) await rights.round();
    await bao.stepDown();
    await sim.run('15s');
    await bao.ready();
    for (let round = 0; round < 2; round++) await rights.round();
    expect(rights.allowed).toBeAtLeast(50);
    expect(rights.refused).toBeAtLeast(50);
  },
);

import { CertificateHolders, expect, scenario } from '../../sim/story.ts';

/** Whoever revokes a certificate shuts its holder out for good, whichever node he asks and whoever leads by then. */
scenario(
  'who shows a certificate is let in until it is revoked, and is renewed for nobody else',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const holders = new CertificateHolders(sim, bao);
    await holders.furnish();
    await sim.run('1s');
    for (let round = 0; round < 5; round++) await holders.round();
    const first = bao.leader;
    bao.kill(first);
    await sim.run('12s');
    bao.restart(first);
    await bao.ready();
    for (let round = 0; round < 5; round++) await holders.round();
    await bao.stepDown();
    await sim.run('12s');
    await bao.ready();
    for (let round = 0; round < 5; round++) await holders.round();
    expect(holders.admitted).toBeAtLeast(20);
    expect(holders.refused).toBeAtLeast(10);
    expect(holders.renewed).toBeAtLeast(20);
    expect(holders.notRenewed).toBeAtLeast(10);
  },
);

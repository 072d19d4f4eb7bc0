import { expect, Passcodes, scenario } from '../../sim/story.ts';

/** Codes of now are good, and those next to them where that is allowed, once; before and after a failover. */
scenario('a code of TOTP is good in its time, and once', { minimum: { faults: 2, elections: 2 } }, async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
  const codes = new Passcodes(sim, bao);
  await codes.furnish();
  await sim.run('2s');
  for (let round = 0; round < 8; round++) await codes.round();
  const first = bao.leader;
  bao.kill(first);
  await sim.run('12s');
  bao.restart(first);
  await bao.ready();
  await codes.forget();
  for (let round = 0; round < 6; round++) await codes.round();
  await bao.stepDown();
  await sim.run('12s');
  await bao.ready();
  await codes.forget();
  for (let round = 0; round < 3; round++) await codes.round();
  expect(codes.accepted).toBeAtLeast(2);
  expect(codes.refused).toBeAtLeast(20);
});

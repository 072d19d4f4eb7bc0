import { expect, People, scenario } from '../../sim/story.ts';

/** Passwords, policies and groups change, leaders too, and a server that is asked is away; who logs in has what holds now, and no more is renewed. */
scenario(
  'who logs in with a password gets what is written for him then, and is renewed as long as it is so',
  { minimum: { faults: 4, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const people = new People(sim, bao);
    await people.furnish();
    await sim.run('1s');
    for (let round = 0; round < 5; round++) await people.round();
    const first = bao.leader;
    bao.kill(first);
    await sim.run('12s');
    bao.restart(first);
    await bao.ready();
    people.server.down();
    for (let round = 0; round < 2; round++) await people.round();
    people.server.up();
    await people.round();
    await bao.stepDown();
    await sim.run('12s');
    await bao.ready();
    people.server.loseAnswers();
    await people.round();
    people.server.up();
    for (let round = 0; round < 2; round++) await people.round();
    expect(people.admitted).toBeAtLeast(20);
    expect(people.refused).toBeAtLeast(5);
  },
);

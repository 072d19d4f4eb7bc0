import { expect, scenario, Tickets } from '../../sim/story.ts';

/** Tickets right and wrong are shown to whichever node, and shown again, while leaders step down and are killed. */
scenario(
  'who shows a ticket in its time logs in, once with each at every server',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const tickets = new Tickets(sim, bao);
    await tickets.furnish();
    await sim.run('1s');
    for (let round = 0; round < 4; round++) await tickets.round();
    await bao.stepDown();
    await sim.run('15s');
    await bao.ready();
    for (let round = 0; round < 4; round++) await tickets.round();
    const killed = bao.leader;
    bao.kill(killed);
    tickets.restarted(killed);
    await sim.run('15s');
    bao.restart(killed);
    await bao.ready();
    await sim.run('20s');
    for (let round = 0; round < 4; round++) await tickets.round();
    // Until the clocks differ too much from when the first were made.
    await sim.run('5m');
    for (let round = 0; round < 2; round++) await tickets.round();
    expect(tickets.admitted).toBeAtLeast(30);
    expect(tickets.refused).toBeAtLeast(10);
    expect(tickets.repeated).toBeAtLeast(10);
  },
);

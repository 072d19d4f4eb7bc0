import { createSeats, expect, scenario, SeatWorkload } from '../../sim/story.ts';

/**
 * What a transaction listed must still be so when it is applied, on every node, also on one that died between two
 * entries and knows nothing of what was written just before.
 */
scenario(
  'of those who find a seat free at once only one gets it, and all nodes agree on who',
  { minimum: { faults: 3 }, unknown: 100 },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, engines: new Map([['seats', createSeats]]) });
    await bao.mount('seats', 'seats');
    const seats = new SeatWorkload({ clients: 6, seats: 2, every: '10ms' });
    bao.workload(seats);
    const deaths = sim.nemesis(bao, {
      name: 'deaths',
      kinds: ['crash point'],
      points: ['raft.apply'],
      every: '300ms',
      lasting: '200ms',
    });
    await sim.run('8s');
    deaths.stop();
    await bao.heal();
    await bao.ready();
    expect(seats.taken).toBeAtLeast(20);
    expect(seats.refused).toBeAtLeast(10);
  },
);

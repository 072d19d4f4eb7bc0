import { createSeats, expect, scenario, SeatWorkload } from '../../sim/story.ts';

const ROUNDS = 3;

/**
 * A node gets a snapshot that ends between a transaction's beginning and its entry in the log: it has not seen what was
 * written in between, and must come to the same verdict as those who have.
 */
scenario(
  'a snapshot in the middle of transactions changes no verdict',
  { minimum: { faults: ROUNDS }, unknown: 100 },
  async (sim) => {
    const bao = await sim.cluster({
      nodes: 3,
      multiplier: 1,
      engines: new Map([['seats', createSeats]]),
      settings: { trailing_logs: 1, snapshot_threshold: 1, snapshot_interval: 1 },
    });
    await bao.mount('seats', 'seats');
    const seats = new SeatWorkload({ clients: 10, seats: 2, every: '4ms' });
    bao.workload(seats);
    const installed = sim.count(({ event }) => event.kind === 'raft.snapshot' && event.what === 'installed');
    for (let round = 1; round <= ROUNDS; round++) {
      const late = sim.world.random('late').pick(bao.followers);
      bao.kill(late);
      // In time for the log to be trimmed.
      await sim.run('2s');
      bao.restart(late);
      await sim.until('it has a snapshot', () => installed() >= round, 100_000, 10_000_000);
      await sim.run('500ms');
    }
    await bao.ready();
    expect(seats.taken).toBeAtLeast(20);
    expect(seats.refused).toBeAtLeast(10);
  },
);

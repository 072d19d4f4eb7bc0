/** How many asynchronous events the simulation's kernel gets through, beside what one would write first. */
import { nodePump, portablePump, type Steppable } from '../host/pump.ts';
import { World } from '../sim/world.ts';
import { median } from './median.ts';
import { ObjectHeap } from './object-heap.ts';
import { cpuOf } from './process.ts';
import type { Bench } from './row.ts';

const IN_FLIGHT = 10_000;
const EVENTS = 400_000;
const ROUNDS = 3;
const KIND = 1;

interface Kernel extends Steppable {
  sleep(delay: number): Promise<void>;
}

function ours(): Kernel {
  const world = new World('1');
  return {
    step: () => world.step(),
    sleep: (delay) => new Promise((resolve) => void world.schedule(world.root, delay, KIND, resolve, undefined)),
  };
}

/** Sleepers that wake, await, and sleep again. */
async function eventsPerSecond(kernel: Kernel, pump: typeof nodePump): Promise<number> {
  let events = 0;
  let seed = 1;
  const sleeper = async (): Promise<never> => {
    for (;;) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      await kernel.sleep(1 + (seed % 100_000));
      events += 1;
    }
  };
  for (let n = 0; n < IN_FLIGHT; n += 1) void sleeper();
  const { seconds } = await cpuOf(() => pump(kernel, () => events >= EVENTS));
  return events / seconds;
}

export const kernel: Bench = {
  name: 'kernel',
  about: 'events a CPU-second, beside a binary heap of objects with a macrotask an event',
  async run(print) {
    const mine: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      mine.push(await eventsPerSecond(ours(), nodePump));
      peer.push(await eventsPerSecond(new ObjectHeap(), portablePump(setImmediate)));
    }
    print({
      what: 'kernel, 10,000 events in flight',
      unit: 'events a CPU-second',
      ours: median(mine),
      beside: { name: 'object heap, macrotasks', value: median(peer) },
    });
  },
};

import { portableCrypto } from '../core/crypto/portable.ts';
import { nodePump } from '../host/pump.ts';
import { RaftBench } from '../sim/raft-bench.ts';
const c = new RaftBench(portableCrypto(), { performanceMultiplier: Number(process.argv[2] ?? 5) });
const run = async (s: number) => {
  const end = c.now + s * 1e6;
  await nodePump(c.bench.world, () => c.bench.world.nextTime > end);
};
await run(60);
const e0 = c.bench.world.events;
const t0 = process.cpuUsage().user;
await run(3000);
const us = process.cpuUsage().user - t0;
console.log(
  'leader',
  c.leader?.name,
  'sim s per cpu s',
  3000 / (us / 1e6),
  'events/sim s',
  (c.bench.world.events - e0) / 3000,
  'us/event',
  us / (c.bench.world.events - e0),
);

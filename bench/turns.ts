/** CPU a request of servers that are asked in turns within one run, so that the machine's drift cancels. */
import { load, type Call } from './load.ts';
import { median } from './median.ts';
import { cpuSeconds } from './process.ts';
import type { Running } from './servers.ts';

const ROUNDS = 3;
const CONCURRENCY = 8;

export interface Side {
  readonly server: Running;
  readonly call: (n: number) => Call;
}

/** So many requests at a few at a time; throws when one is refused. CPU-µs a request. */
export async function cpuPerRequest({ server: { api, pid }, call }: Side, requests: number): Promise<number> {
  const before = cpuSeconds(pid);
  const { statuses } = await load(api.address, requests, CONCURRENCY, call);
  const failed = Object.keys(statuses).filter((status) => Number(status) >= 400);
  if (failed.length > 0) throw new Error(`answers with ${failed.join(', ')} under load`);
  return ((cpuSeconds(pid) - before) / requests) * 1e6;
}

/** Medians of `ROUNDS` rounds of so many requests after a warm-up of half as many; the order of the sides changes. */
export async function inTurns(sides: readonly Side[], requests: number): Promise<number[]> {
  const costs: number[][] = sides.map(() => []);
  for (const side of sides) await cpuPerRequest(side, requests >> 1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = [...sides.entries()];
    for (const [index, side] of round % 2 === 0 ? order : order.toReversed())
      costs[index]!.push(await cpuPerRequest(side, requests));
  }
  return costs.map(median);
}

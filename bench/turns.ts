/** CPU a request of servers that are asked in turns within one run, so that the machine's drift cancels. */
import { wellAnswered, type Call } from './load.ts';
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
  await wellAnswered(api, requests, CONCURRENCY, call);
  return ((cpuSeconds(pid) - before) / requests) * 1e6;
}

/** Medians of the rounds, of so many requests each, after a warm-up of half as many. */
export async function inTurns(sides: readonly Side[], requests: number): Promise<number[]> {
  for (const side of sides) await cpuPerRequest(side, requests >> 1);
  return (await rounds(sides.map((side) => () => cpuPerRequest(side, requests)))).map(median);
}

/** What each side measured in each round; the order of the sides changes. */
export async function rounds<T>(sides: readonly (() => Promise<T>)[]): Promise<T[][]> {
  const results: T[][] = sides.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = [...sides.entries()];
    for (const [index, measure] of round % 2 === 0 ? order : order.toReversed()) results[index]!.push(await measure());
  }
  return results;
}

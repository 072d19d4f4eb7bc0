/** What was, beside what a simulated cluster makes of the same faults under some seeds. */
import type { Micros } from '../core/runtime.ts';
import type { MomentKind } from './moments.ts';
import { MILESTONES, type Outage } from './outage.ts';

export interface Spread {
  readonly n: number;
  readonly median: Micros;
  readonly least: Micros;
  readonly most: Micros;
}

export interface Row {
  /** Which outage of the log, from 0. */
  readonly outage: number;
  readonly what: MomentKind | 'nobody active for';
  /** Undefined: it did not happen, or its log does not tell. */
  readonly real: { readonly from: Micros; readonly to: Micros } | undefined;
  readonly simulated: Spread | undefined;
  /** In how many runs this outage came to be. */
  readonly runs: number;
}

export function spreadOf(values: readonly Micros[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half]! : Math.floor((sorted[half - 1]! + sorted[half]!) / 2);
  return { n: sorted.length, median, least: sorted[0]!, most: sorted.at(-1)! };
}

/**
 * Simulated outages are held against the real one nearest in time: `offset` says where each run's clock stands in the
 * log's.
 */
export function compare(
  real: readonly Outage[],
  runs: readonly { readonly outages: readonly Outage[]; readonly offset: Micros }[],
): Row[] {
  const matched = real.map(() => [] as Outage[]);
  for (const { outages, offset } of runs)
    for (const index of real.keys()) {
      const near = outages.find(({ from }) => nearest(real, from + offset) === index);
      if (near !== undefined) matched[index]!.push(near);
    }
  return real.flatMap((outage, index): Row[] => {
    const own = matched[index]!;
    const { began } = outage;
    const slack = { before: began.to - outage.from, after: outage.from - began.from };
    const shifted = (at: Micros | undefined) =>
      at === undefined ? undefined : { from: Math.max(0, at - slack.before), to: at + slack.after };
    const rows = MILESTONES.map((what) => ({
      outage: index,
      what,
      real: shifted(outage.milestones.get(what)),
      simulated: spreadOf(own.flatMap(({ milestones }) => milestones.get(what) ?? [])),
      runs: own.length,
    })).filter((row) => row.real !== undefined || row.simulated !== undefined);
    return [
      ...rows,
      {
        outage: index,
        what: 'nobody active for',
        real: shifted(outage.lasted),
        simulated: spreadOf(own.flatMap(({ lasted }) => lasted ?? [])),
        runs: own.length,
      },
    ];
  });
}

function nearest(outages: readonly Outage[], at: Micros): number {
  let best = 0;
  for (const [index, { from }] of outages.entries())
    if (Math.abs(from - at) < Math.abs(outages[best]!.from - at)) best = index;
  return best;
}

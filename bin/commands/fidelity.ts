/** `steamer fidelity`: does the simulated cluster recover from a fault in the same time as the real one? */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FidelityRow } from '../../reports/fidelity.ts';
import { FAILOVER_FAULTS, type FailoverFault } from '../../sim/failover.ts';
import { idleMachine, type MachineProfile, measuredMachine, slowerMachine } from '../../sim/machine-costs.ts';
import { parseFlags, UsageError } from '../flags.ts';
import { wholeNumber } from '../run/choices.ts';

const usage = `Usage: steamer fidelity [options]

  --trials N   simulated trials a row (default 500)
  --seed N     the first seed (default 1)
  --row NAME   only this row, e.g. kill:5 (fault:multiplier); may be repeated (default: all but slowdisk that
               were measured at multipliers 1 and 5). A row that was never measured is only simulated; faults: ${FAILOVER_FAULTS.join(', ')}
  --data NAME  quiet: what was measured on a quiet machine; undisturbed: what was measured beside others, but with
               the processor to itself; all (default): both and, of faults whose time is timers, not work, what was
               measured on a shared machine; slower: another machine, simulated with its own costs;
               crowded: that machine while others worked on it; idle: one with nothing else to do, with its own costs
  --json       one JSON object a row, with every trial
  --report     a page with both distributions in reports/out/fidelity.html`;

const recording = new URL('../../conformance/recordings/failover-2.7.2.json', import.meta.url);
const page = fileURLToPath(new URL('../../reports/out/fidelity.html', import.meta.url));

/** A good part of their time is work, which takes longer beside the work of others. */
const WORK: readonly FailoverFault[] = ['stepdown', 'restart', 'powerloss', 'slowdisk'];
const SERIES = ['quiet', 'shared', 'undisturbed'] as const;
/** Their way of measuring made them slow: real-time priority, under which programs that start together spend more CPU. */
const SLOWED: readonly FailoverFault[] = ['powerloss'];
const USUAL = ['1', '5'];
/** How long one write takes on a slow disk is a matter of counting: four syncs, and a few milliseconds of strace's. */
const USUAL_FAULTS = FAILOVER_FAULTS.filter((fault) => fault !== 'slowdisk');
const CHOICES = ['all', 'quiet', 'undisturbed', 'slower', 'crowded', 'idle'] as const;
type Data = (typeof CHOICES)[number];
const MACHINES: Partial<Record<Data, MachineProfile>> = {
  slower: slowerMachine,
  crowded: slowerMachine,
  idle: idleMachine,
};

type Trials = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

interface Wanted {
  readonly multiplier: number;
  readonly fault: FailoverFault;
}

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const flags = parseFlags(words, {
    trials: 'string',
    seed: 'string',
    row: 'strings',
    data: 'string',
    json: 'boolean',
    report: 'boolean',
  });
  const trials = wholeNumber(flags, 'trials', 500, 1);
  const seed = wholeNumber(flags, 'seed', 1);
  const given = flags.string('data') ?? 'all';
  const data = CHOICES.find((choice) => choice === given);
  if (data === undefined) throw new UsageError(`--data ${given}: choose ${CHOICES.join(', ')}`);
  if (flags.rest.length > 0) throw new UsageError(`steamer fidelity takes no ${flags.rest[0]}`);
  const real = measured(data);
  const machine = MACHINES[data] ?? measuredMachine;
  const chosen = flags.strings('row').map(parseRow);
  const { playFailovers } = await import('../run/failovers.ts');
  const { fidelityTable, judge, rowName } = await import('../../reports/fidelity.ts');

  const rows: FidelityRow[] = [];
  for (const { multiplier, fault } of chosen.length > 0 ? chosen : rowsOf(real)) {
    const name = rowName({ multiplier, fault });
    const progress = (done: number): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${done} of ${trials} \r`);
    };
    const ours = await playFailovers({ fault, multiplier, trials, seed, machine }, progress);
    rows.push({ multiplier, fault, ours, real: real[multiplier]?.[fault] ?? [] });
  }
  const judged = judge(rows.filter((row) => row.real.length > 0));
  if (flags.boolean('json')) for (const row of rows) console.log(JSON.stringify(row));
  else {
    if (judged.length > 0) console.log(fidelityTable(judged));
    for (const { real: none, ours, ...row } of rows)
      if (none.length === 0) console.log(simulatedOnly(rowName(row), ours));
  }
  if (flags.boolean('report')) {
    const { fidelityPage } = await import('../../reports/html/fidelity.ts');
    mkdirSync(new URL('../../reports/out/', import.meta.url), { recursive: true });
    writeFileSync(
      page,
      fidelityPage(judged, [`Milliseconds; ${trials} simulated trials a row from seed ${seed}; real data: ${data}.`]),
    );
    if (!flags.boolean('json')) console.log(`page: ${page}`);
  }
  return judged.every(({ told, medianHolds }) => !told && medianHolds) ? 0 : 1;
}

/**
 * Of work-bound faults nobody knows what else a quiet machine did, so all of it is what was undisturbed, if any was.
 * Where that made it slow, nothing is left: such faults are held against other machines.
 */
function measured(data: Data): Trials {
  const series = JSON.parse(readFileSync(recording, 'utf8')) as Record<
    Exclude<Data, 'all'> | (typeof SERIES)[number],
    Trials
  >;
  if (data !== 'all') return series[data];
  const all: Record<string, Record<string, readonly number[]>> = {};
  for (const name of SERIES)
    for (const [multiplier, faults] of Object.entries(series[name]))
      for (const [fault, times] of Object.entries(faults)) {
        const row = (all[multiplier] ??= {});
        const work = WORK.some((known) => known === fault) && series.undisturbed[multiplier]?.[fault] !== undefined;
        if (!work) row[fault] = [...(row[fault] ?? []), ...times];
        else if (name === 'undisturbed' && !SLOWED.some((known) => known === fault)) row[fault] = times;
      }
  return all;
}

function rowsOf(real: Trials): Wanted[] {
  return Object.keys(real)
    .filter((multiplier) => USUAL.includes(multiplier))
    .flatMap((multiplier) =>
      USUAL_FAULTS.filter((fault) => real[multiplier]![fault] !== undefined).map((fault) => ({
        multiplier: Number(multiplier),
        fault,
      })),
    );
}

function parseRow(text: string): Wanted {
  const [name, multiplier = '5'] = text.split(':');
  const fault = FAILOVER_FAULTS.find((known) => known === name);
  if (fault === undefined || !/^([1-9]|10)$/.test(multiplier))
    throw new UsageError(
      `--row ${text}: give fault:multiplier, e.g. kill:5; faults are ${FAILOVER_FAULTS.join(', ')}, multipliers 1 to 10`,
    );
  return { fault, multiplier: Number(multiplier) };
}

function simulatedOnly(name: string, ours: readonly number[]): string {
  const sorted = [...ours].sort((a, b) => a - b);
  const at = (part: number): number => Math.round(sorted[Math.floor(part * (sorted.length - 1))]!);
  return `${name}: not measured; simulated n ${ours.length}, median ${at(0.5)} ms, 5–95 %: ${at(0.05)}–${at(0.95)} ms`;
}

/** `steamer fidelity`: does the simulated cluster recover from a fault in the same time as the real one? */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FidelityRow } from '../../reports/fidelity.ts';
import { FAILOVER_FAULTS, type FailoverFault } from '../../sim/failover.ts';
import { parseFlags, UsageError } from '../flags.ts';
import { wholeNumber } from '../run/choices.ts';

const usage = `Usage: steamer fidelity [options]

  --trials N   simulated trials a row (default 500)
  --seed N     the first seed (default 1)
  --row NAME   only this row, e.g. kill:5 (fault:multiplier); may be repeated (default: those measured on a quiet
               machine). A row that was never measured is only simulated; faults: kill, stop, stepdown
  --data NAME  quiet: what was measured on a quiet machine; all (default): what was measured on a shared one too
  --json       one JSON object a row, with every trial
  --report     a page with both distributions in reports/out/fidelity.html`;

const recording = new URL('../../conformance/recordings/failover-2.7.2.json', import.meta.url);
const page = fileURLToPath(new URL('../../reports/out/fidelity.html', import.meta.url));

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
  const data = flags.string('data') ?? 'all';
  if (data !== 'all' && data !== 'quiet') throw new UsageError(`--data ${data}: choose all or quiet`);
  if (flags.rest.length > 0) throw new UsageError(`steamer fidelity takes no ${flags.rest[0]}`);
  const real = measured(data);
  const chosen = flags.strings('row').map(parseRow);
  const { playFailovers } = await import('../run/failovers.ts');
  const { fidelityTable, judge, rowName } = await import('../../reports/fidelity.ts');

  const rows: FidelityRow[] = [];
  for (const { multiplier, fault } of chosen.length > 0 ? chosen : rowsOf(measured('quiet'))) {
    const name = rowName({ multiplier, fault });
    const progress = (done: number): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${done} of ${trials} \r`);
    };
    const ours = await playFailovers({ fault, multiplier, trials, seed }, progress);
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

function measured(data: 'all' | 'quiet'): Trials {
  const { quiet, shared } = JSON.parse(readFileSync(recording, 'utf8')) as { quiet: Trials; shared: Trials };
  if (data === 'quiet') return quiet;
  const all: Record<string, Record<string, readonly number[]>> = {};
  for (const series of [quiet, shared])
    for (const [multiplier, faults] of Object.entries(series))
      for (const [fault, times] of Object.entries(faults)) {
        const row = (all[multiplier] ??= {});
        row[fault] = [...(row[fault] ?? []), ...times];
      }
  return all;
}

function rowsOf(real: Trials): Wanted[] {
  return Object.keys(real).flatMap((multiplier) =>
    FAILOVER_FAULTS.filter((fault) => real[multiplier]![fault] !== undefined).map((fault) => ({
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

/** `steamer reproduce`: what happened to a cluster, out of its nodes' logs, and what a simulated one makes of the same. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterLog, LogError, readCluster } from '../../reproduce/cluster-log.ts';
import { type Column, comparisonText, faultText, nodesText, outageText, timelineText } from '../../reproduce/told.ts';
import { compare } from '../../reproduce/comparison.ts';
import { inferFaults, type InferredFault } from '../../reproduce/faults.ts';
import { isLog } from '../../reproduce/log-file.ts';
import { type Outage, realOutages } from '../../reproduce/outage.ts';
import { type Plan, planOf, WORDS } from '../../reproduce/plan.ts';
import { type Flags, parseFlags, UsageError } from '../flags.ts';
import { wholeNumber } from '../run/choices.ts';
import { startProgress } from '../run/progress.ts';
import type { Reenacted } from '../run/reenact.ts';

const usage = `Usage: steamer reproduce [options] FOLDER or FILES

Reads the logs of a cluster's nodes, a file a node, as OpenBao prints them (either format, behind whatever journald,
Docker or kubectl put in front), tells what happened, and plays it under seeds.

  --configured N   the performance_multiplier that the cluster had, where its logs do not tell (default 5)
  --multiplier N   what if it had been this?
  --nodes N        what if there had been so many nodes?
  --seeds N        how many seeds (default 20)
  --seed N         the first seed (default 1)
  --lines N        how many lines of the timeline (default 60)
  --write FILE     write what was done to the cluster as a story, which steamer run plays
  --report         a page of the last run in reports/out/index.html
  --json           one JSON object`;

const known = {
  configured: 'string',
  multiplier: 'string',
  nodes: 'string',
  seeds: 'string',
  seed: 'string',
  lines: 'string',
  write: 'string',
  report: 'boolean',
  json: 'boolean',
} as const;

/** Upstream's default. */
const USUAL_MULTIPLIER = 5;
const LARGEST_MULTIPLIER = 10;
const MOST_NODES = 9;

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const flags = parseFlags(words, known);
  const seeds = wholeNumber(flags, 'seeds', 20, 1);
  const first = wholeNumber(flags, 'seed', 1);
  const lines = wholeNumber(flags, 'lines', 60, 2);
  const log = readLogs(flags.rest);
  const { multiplier, assumed } = multiplierOf(log, flags);
  const faults = inferFaults(log, multiplier);
  const outages = realOutages(log.moments, faults);
  const plan = planOf(log, faults, { multiplier });
  const plans = plan === undefined ? [] : [plan, ...whatIf(plan, flags)];
  const json = flags.boolean('json');
  const columns: Column[] = [];
  const asJson = (): string =>
    JSON.stringify({ nodes: log.nodes.map(({ facts }) => facts), faults, outages: outages.map(plain), columns });
  if (!json) tell(log, assumed, lines, faults, outages);
  if (plan === undefined) {
    if (json) console.log(asJson());
    else console.log('\nNothing that was done to the cluster is to be seen in its logs; there is nothing to play.');
    return 0;
  }
  const name = nameOf(faults);
  const path = storyPath(flags);
  const { playPlan } = await import('../run/reenact.ts');
  let played: readonly Reenacted[] = [];
  for (const each of plans) {
    const list = Array.from({ length: seeds }, (_, index) => first + index);
    played = await playing(seeds, (told) => playPlan(each, name, list, told));
    if (each === plan && path !== undefined) await write(path, plan, name, { log, faults, outages }, played);
    columns.push({
      title: titleOf(each, seeds),
      rows: compare(outages, played),
      without: played.filter((run) => run.outages.length > 0).length,
    });
  }
  if (json) console.log(asJson());
  else {
    console.log(['', ...comparedText(columns, outages)].join('\n'));
    for (const line of violationsText(played)) console.log(line);
  }
  if (flags.boolean('report')) await report(played.at(-1)!, json);
  return 0;
}

function readLogs(names: readonly string[]): ClusterLog {
  if (names.length === 0) throw new UsageError('name a folder of logs, or the logs, a file a node');
  const files = names.flatMap((name) => {
    const stat = statSync(name, { throwIfNoEntry: false });
    if (stat === undefined) throw new UsageError(`${name}: no such file or folder`);
    if (!stat.isDirectory()) return [{ file: name, text: readFileSync(name, 'utf8') }];
    const found = readdirSync(name, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(name, entry.name))
      .sort()
      .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
      .filter(({ text }) => isLog(text));
    if (found.length === 0) throw new UsageError(`${name}: no file in this folder is the log of an OpenBao server`);
    return found;
  });
  try {
    return readCluster(files);
  } catch (error) {
    if (error instanceof LogError) throw new UsageError(error.message);
    throw error;
  }
}

function multiplierOf(
  log: ClusterLog,
  flags: Flags,
): { readonly multiplier: number; readonly assumed: string | undefined } {
  const told = log.nodes.find(({ facts }) => facts.multiplier !== undefined)?.facts.multiplier;
  const given = flags.string('configured');
  if (told !== undefined) return { multiplier: told, assumed: undefined };
  if (given !== undefined) return { multiplier: upTo(flags, 'configured', LARGEST_MULTIPLIER), assumed: undefined };
  return {
    multiplier: USUAL_MULTIPLIER,
    assumed: `the multiplier is the usual ${USUAL_MULTIPLIER} (no log has the start of a node; --configured says otherwise)`,
  };
}

/** The same with what the command line would have had otherwise. */
function whatIf(plan: Plan, flags: Flags): Plan[] {
  if (flags.string('multiplier') === undefined && flags.string('nodes') === undefined) return [];
  const multiplier =
    flags.string('multiplier') === undefined ? plan.multiplier : upTo(flags, 'multiplier', LARGEST_MULTIPLIER);
  const nodes = flags.string('nodes') === undefined ? plan.nodes : upTo(flags, 'nodes', MOST_NODES);
  return [{ ...plan, multiplier, nodes }];
}

function upTo(flags: Flags, name: string, most: number): number {
  const value = wholeNumber(flags, name, 1, 1);
  if (value > most) throw new UsageError(`--${name} ${value}: give a whole number from 1 to ${most}`);
  return value;
}

const titleOf = ({ multiplier, nodes }: Plan, seeds: number): string =>
  `multiplier ${multiplier}, ${nodes} nodes (${seeds} seeds)`;

function tell(
  log: ClusterLog,
  assumed: string | undefined,
  lines: number,
  faults: readonly InferredFault[],
  outages: readonly Outage[],
): void {
  const said = [
    'Nodes',
    ...nodesText(log),
    ...(assumed === undefined ? [] : [`  assumed: ${assumed}`]),
    '',
    'Timeline (each node by its own clock)',
    ...timelineText(log.moments, lines, faults[0]?.at.from ?? log.moments[0]?.at ?? 0),
    '',
    'What must have been done to it',
    ...(faults.length === 0 ? ['  nothing that the logs would show'] : faults.map(faultText)),
    '',
    'Without an active node',
    ...(outages.length === 0 ? ['  never, as far as the logs tell'] : outages.map(outageText)),
  ];
  console.log(said.join('\n'));
}

function nameOf(faults: readonly InferredFault[]): string {
  const [first] = faults;
  const more = faults.length === 1 ? '' : `, and ${faults.length - 1} more`;
  return `reproduced: ${first!.node} ${WORDS[first!.kind].begin}${more}`;
}

function storyPath(flags: Flags): string | undefined {
  const path = flags.string('write');
  if (path !== undefined && !/\.scenario\.[jt]s$/.test(path))
    throw new UsageError(`--write ${path}: stories are named *.scenario.ts`);
  return path;
}

interface Told {
  readonly log: ClusterLog;
  readonly faults: readonly InferredFault[];
  readonly outages: readonly Outage[];
}

/** Whoever edits the story gets a bound that holds as it is, with some room. */
const ROOM = 1.5;

async function write(
  path: string,
  plan: Plan,
  name: string,
  { log, faults, outages }: Told,
  played: readonly Reenacted[],
): Promise<void> {
  const { scriptOf } = await import('../../reproduce/script.ts');
  const about = [
    `What steamer reproduce made of the logs of ${log.nodes.map(({ facts }) => facts.id).join(', ')}:`,
    ...faults.map((fault) => faultText(fault).trim()),
    'Without an active node:',
    ...outages.map((outage) => outageText(outage).trim()),
  ];
  const longest = Math.max(0, ...played.flatMap((run) => run.outages.map(({ lasted }) => lasted ?? 0)));
  writeFileSync(path, scriptOf(plan, { name, about, most: Math.ceil((longest * ROOM) / 100_000) * 100_000 }));
}

const plain = (outage: Outage) => ({ ...outage, milestones: Object.fromEntries(outage.milestones) });

/** Says how far it is, while it goes on. */
async function playing<T>(seeds: number, play: (told: (played: number) => void) => Promise<T>): Promise<T> {
  let done = 0;
  const progress = startProgress(() => `${done}/${seeds} runs`);
  try {
    return await play((played) => (done = played));
  } finally {
    progress.stop();
  }
}

function comparedText(columns: readonly Column[], outages: readonly Outage[]): string[] {
  if (outages.length > 0) return ['The same, simulated: median (least – most)', ...comparisonText(columns)];
  return columns.map(
    ({ title, without }) => `The same, simulated, ${title}: without an active node in ${without} of the runs`,
  );
}

/** What the checkers have to say about runs is a matter for steamer run; here it is named. */
function violationsText(played: readonly Reenacted[]): string[] {
  const failed = played.filter(({ run }) => run.verdict === 'failed');
  return failed.length === 0
    ? []
    : [`${failed.length} of the last runs failed, the first: ${failed[0]!.run.violations[0]!.message}`];
}

async function report({ run }: Reenacted, json: boolean): Promise<void> {
  const { lighten } = await import('../run/pool.ts');
  const { writePage } = await import('../run/files.ts');
  const path = writePage(lighten(run, true));
  if (!json) console.log(`\npage: ${path}`);
}

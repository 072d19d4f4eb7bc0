/** One run of one story under one seed, from the first event to the verdict. */
import { parseDuration } from '../core/codec/duration.ts';
import { type Micros, SECOND } from '../core/runtime.ts';
import type { LoadRecord, LogRecord, RunRecord, TraceRecord } from '../core/trace.ts';
import { settle } from './aftermath.ts';
import { standardCheckers } from './checkers/all.ts';
import { type Checker, Verdicts } from './checkers/checker.ts';
import { lookForStates } from './explore/coverage.ts';
import type { DrawnFault } from './explore/drawn-faults.ts';
import type { HashLog } from './hash-log.ts';
import type { Scenario } from './scenario.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import { summarize, type Summary } from './summary.ts';
import { START } from './event-kinds.ts';
import { World } from './world.ts';

/** host/pump.ts has two. */
export type Pump = (world: { step(): boolean }, done: () => boolean) => Promise<void>;

export interface RunOptions extends SimulationOptions {
  readonly pump: Pump;
  /** Checkers beside the standard ones; they may tap the network and look at the disks. */
  readonly checkers?: (simulation: Simulation, verdicts: Verdicts) => readonly Checker[];
  /** False only for servers that are none: the simulator's own tests. */
  readonly standard?: boolean;
  readonly hashLog?: boolean;
  /** Keeps what each node logged. Default true. */
  readonly logs?: boolean;
  /** Ends the run at its first violation, without what is looked at after the story. Default false. */
  readonly untilViolation?: boolean;
  /** Looks for the states that a campaign should reach. Default false. */
  readonly coverage?: boolean;
  /** The command line that runs exactly this again. */
  readonly reproduce?: string;
}

export interface RunResult extends RunRecord {
  readonly simulatedSeconds: number;
  /** Requests that nodes received. */
  readonly requests: number;
  readonly summary: Summary;
  /** The faults that the run can be played without. */
  readonly drawn: readonly DrawnFault[];
  /** Names of states that it came to (sim/explore/coverage.ts); none unless they were looked for. */
  readonly reached: readonly string[];
  readonly hashLog: HashLog | undefined;
}

/** Too many to keep, and nothing a report shows: checkers see them as they happen. */
const FLEETING: ReadonlySet<string> = new Set([
  'raft.append',
  'raft.recovered',
  'raft.rejected',
  'raft.commit',
  'raft.apply',
  'storage.write',
  'storage.invalidate',
  'barrier.encrypt',
  'http.request',
  'http.response',
  'http.index',
  'audit',
  'lease',
  'token.revoked',
]);

/** `wallMs` is left 0: only the caller has a clock. */
export async function runScenario(scenario: Scenario, seed: number, options: RunOptions): Promise<RunResult> {
  const world = new World(String(seed), { hashLog: options.hashLog ?? false });
  const simulation = new Simulation(world, options, scenario.options.minimum);
  const verdicts = options.untilViolation === true ? new Verdicts(1, 1) : new Verdicts();
  const standard = options.standard ?? true;
  const checkers = [
    ...(standard ? standardCheckers(simulation, verdicts) : []),
    ...(options.checkers?.(simulation, verdicts) ?? []),
  ];
  const reached = options.coverage === true ? lookForStates(simulation) : undefined;
  const kept = keep(world, checkers, options.logs ?? true);

  await play(scenario, simulation, options.pump, verdicts, standard);

  const operations = simulation.histories.flatMap((history) => history.operations);
  const nodes = simulation.clusters.flatMap(({ names }) => names);
  const summary = summarize(simulation);
  if (options.untilViolation !== true || verdicts.violations.length === 0) {
    for (const checker of checkers) await checker.finish?.({ now: world.now, nodes, operations });
    // With faults left out it is no surprise that little happens.
    if (options.without === undefined) judgeMinimum(scenario, simulation, summary, verdicts);
  }
  world.hashLog?.close(world.hash);

  return {
    scenario: scenario.name,
    seed,
    verdict: verdicts.violations.length === 0 ? 'passed' : 'failed',
    hash: world.hash.digest,
    duration: world.now,
    wallMs: 0,
    events: world.events,
    nodes,
    trace: kept.trace,
    operations,
    faults: simulation.faults.records.map(({ what, at, until, nodes, number }) => ({
      what,
      at,
      nodes,
      ...(until === undefined ? {} : { until }),
      ...(number === undefined ? {} : { number }),
    })),
    violations: verdicts.violations,
    loads: loadsOf(simulation),
    logs: kept.logs,
    reproduce: options.reproduce ?? `steamer run --seed ${seed}`,
    simulatedSeconds: world.now / SECOND,
    requests: kept.requests(),
    summary,
    drawn: simulation.drawn.came,
    reached: reached?.() ?? [],
    hashLog: world.hashLog,
  };
}

function loadsOf({ clusters }: Simulation): LoadRecord[] {
  const machines = clusters.flatMap((cluster) => cluster.names.map((name) => cluster.machine(name)));
  return [...new Set(machines.map(({ cores }) => cores))].map((cores) => {
    const nodes = machines.filter((machine) => machine.cores === cores).map(({ name }) => name);
    return { nodes, cores: cores.count, slice: cores.load.slice, busy: cores.load.busy };
  });
}

async function play(
  scenario: Scenario,
  simulation: Simulation,
  pump: Pump,
  verdicts: Verdicts,
  standard: boolean,
): Promise<void> {
  const { world } = simulation;
  const limit: Micros = parseDuration(scenario.options.limit ?? '2h');
  let ended = false;
  const fail = (checker: string, message: string): void => verdicts.report(checker, world.now, message);
  world.onCrash = ({ process, error }) => {
    const own = error instanceof Error && error.name === 'StoryFailure';
    fail(own ? 'story' : 'no panics', `${process.name}: ${describe(error)}`);
    ended = true;
  };
  const tell = async (): Promise<void> => {
    await scenario.body(simulation);
    if (standard) await settle(simulation, fail);
  };
  const begin = (): void => {
    tell().then(
      () => {
        ended = true;
      },
      (error: unknown) => {
        fail('story', describe(error));
        ended = true;
      },
    );
  };
  world.schedule(world.root, 0, START, begin, undefined);
  try {
    await pump(world, () => ended || verdicts.hopeless || world.now > limit);
  } catch (error) {
    fail('no panics', `an unhandled rejection: ${describe(error)}`);
    return;
  }
  if (!ended && !verdicts.hopeless)
    fail('story', world.now > limit ? `not over after ${limit / SECOND} s` : 'it waits, and nothing is left to happen');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'StoryFailure' ? error.message : (error.stack ?? error.message);
}

interface Kept {
  readonly trace: TraceRecord[];
  readonly logs: LogRecord[];
  requests(): number;
}

function keep(world: World, checkers: readonly Checker[], keepLogs: boolean): Kept {
  const trace: TraceRecord[] = [];
  const logs: LogRecord[] = [];
  const observers: Checker[] = checkers.filter((checker) => checker.observe !== undefined);
  let requests = 0;
  world.onTrace((record) => {
    const { event } = record;
    for (const checker of observers) checker.observe!(record);
    if (event.kind === 'http.request') requests++;
    if (!FLEETING.has(event.kind)) trace.push(record);
  });
  if (keepLogs) world.onLog((record) => logs.push(record));
  return { trace, logs, requests: () => requests };
}

function judgeMinimum(scenario: Scenario, { minimum }: Simulation, summary: Summary, verdicts: Verdicts): void {
  const lacking = (what: string, got: number, least: number | undefined): void => {
    if (least !== undefined && got < least)
      verdicts.report('minimum', summary.ended, `only ${got} of ${least} ${what}`);
  };
  lacking('operations acknowledged', summary.acknowledged, minimum.acknowledged);
  lacking('faults that bit', summary.faultsThatBit, minimum.faults);
  lacking('elections', summary.elections, minimum.elections);
  lacking('unsynced bytes lost', summary.bytesLost, minimum.bytesLost);
  const most = scenario.options.unknown ?? 5;
  if (summary.quietUnknown * 100 > most * summary.quietOperations) {
    const text = `${summary.quietUnknown} of ${summary.quietOperations} operations outside of faults are unknown`;
    verdicts.report('minimum', summary.ended, text);
  }
}

/** Cluster scripts as an area of the suite: played to whole clusters of two makes, and compared line by line. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../cluster.ts';
import type { CaseResult, Report } from '../conform.ts';
import type { Difference } from '../differ.ts';
import { baoProgram } from '../program.ts';
import { oursCommand } from '../targets/program.ts';
import { TargetError } from '../targets/target.ts';
import { isKnown } from './known.ts';
import { type Line, play } from './play.ts';
import { RealTarget } from './real.ts';
import { hasRecording, loadRecording } from './recording.ts';
import { loadScript } from './script.ts';
import type { Script } from './script.ts';
import { playSimulated } from './simulated.ts';

type Player = (script: Script) => Promise<readonly Line[]>;

/** `ours` is simulated; programs run as three processes; rejects with TargetError. */
export async function clusterPlayer(spec: string): Promise<Player> {
  const version = /^(?:program:)?(\d+\.\d+\.\d+)$/.exec(spec)?.[1];
  if (spec === 'ours') return (script) => playSimulated(script);
  if (spec === 'ours:program') return onPrograms(oursCommand);
  if (spec.startsWith('recorded:')) return recordedLines;
  if (version === undefined)
    throw new TargetError(`a cluster is ours, ours:program, program:VERSION or recorded:VERSION, not ${spec}`);
  return onPrograms([await baoProgram(version)]);
}

function recordedLines({ name }: Script): Promise<readonly Line[]> {
  if (!hasRecording(name)) throw new TargetError(`cluster/${name} is not recorded`);
  return Promise.resolve(loadRecording(name));
}

const onPrograms =
  (command: readonly string[]): Player =>
  async (script) => {
    const folder = mkdtempSync(join(tmpdir(), 'steamer-'));
    const target = await RealTarget.start(command, folder, script.plan);
    try {
      return await play(script, target);
    } finally {
      await target.close();
      await removeFolder(folder);
    }
  };

export interface ClusterOptions {
  readonly target: string;
  readonly against: string;
  /** After each script. */
  readonly done: (result: CaseResult) => void;
}

/** What cannot be played to its end is broken, and the others go on. */
export async function conformClusters(
  names: readonly string[],
  { target, against, done }: ClusterOptions,
): Promise<Report> {
  const [ours, theirs] = [await clusterPlayer(target), await clusterPlayer(against)];
  const cases: CaseResult[] = [];
  for (const name of names) {
    const script = loadScript(name);
    const result = await oneScript(script, ours, theirs);
    cases.push(result);
    done(result);
  }
  return { target, against, rows: [], cases, left: [] };
}

async function oneScript(script: Script, ours: Player, theirs: Player): Promise<CaseResult> {
  const name = `cluster/${script.name}`;
  const steps = script.steps.length;
  try {
    // One after the other: timers of elections want the machine for themselves.
    const expected = await theirs(script);
    const actual = await ours(script);
    return { name, steps, differences: differencesOf(script.name, expected, actual) };
  } catch (error) {
    return {
      name,
      steps,
      differences: [],
      broken: error instanceof Error ? error.message.split('\n')[0]! : String(error),
    };
  }
}

function differencesOf(script: string, expected: readonly Line[], actual: readonly Line[]): Difference[] {
  return expected.flatMap((line, step): Difference[] => {
    const own = actual[step];
    const difference = { step, request: line.ask };
    if (own === undefined)
      return [{ ...difference, kind: 'status', at: 'status', expected: String(line.status), actual: 'no answer' }];
    if (isKnown(script, line.ask)) return [];
    const parts: readonly (readonly [Difference['kind'], 'status' | 'headers' | 'body'])[] = [
      ['status', 'status'],
      ['header', 'headers'],
      ['text', 'body'],
    ];
    return parts
      .filter(([, part]) => String(own[part]) !== String(line[part]))
      .map(([kind, at]) => ({ ...difference, kind, at, expected: String(line[at]), actual: String(own[at]) }));
  });
}

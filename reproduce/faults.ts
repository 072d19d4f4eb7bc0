/** What was done to a cluster, as far as its logs tell: out of lives that end, and of leaders that others miss. */
import type { Micros } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import { type Life, livesOf } from './lives.ts';
import { lostFollowers, silentFollowers } from './lost-followers.ts';
import { lostLeaders, quorumIsGone } from './lost-leaders.ts';
import type { Moment } from './moments.ts';
import { slowLeaders } from './slow.ts';
import { diedWithin, type Range } from './when.ts';

export type FaultKind = 'kill' | 'terminate' | 'pause' | 'isolate' | 'step-down' | 'seal' | 'slow';

export interface InferredFault {
  readonly kind: FaultKind;
  readonly node: string;
  /** Whether the node was active then. */
  readonly active: boolean;
  readonly at: Range;
  /** When it was over, if it was. */
  readonly until?: Range;
  readonly sure: 'certain' | 'likely' | 'possible';
  readonly why: string;
}

export const at = (moment: Micros): Range => ({ from: moment, to: moment });

/** In order of time. */
export function inferFaults(log: ClusterLog, multiplier: number): InferredFault[] {
  const ended = log.nodes.flatMap((node) =>
    livesOf(node, log).flatMap((life) => endOf(log, node.facts.id, life, multiplier) ?? []),
  );
  const steps = log.moments
    .filter(({ kind }) => kind === 'step-down')
    .map(({ node, at: when }): InferredFault => ({
      kind: 'step-down',
      node,
      active: true,
      at: at(when),
      sure: 'certain',
      why: 'it says that it steps down, and lives on',
    }));
  const done = [...ended, ...steps];
  const known = [...done, ...lostLeaders(log, done, multiplier)];
  const missed = [...known, ...lostFollowers(log, known, multiplier)];
  const heard = [...missed, ...silentFollowers(log, missed)];
  // What silenced the others silenced a leader that seemed cut off.
  const all = heard.filter((fault) => fault.kind !== 'isolate' || !quorumIsGone(log, heard, fault.node, fault.at.to));
  return [...all, ...slowLeaders(log, all)].sort((a, b) => a.at.from - b.at.from);
}

function endOf(log: ClusterLog, node: string, life: Life, multiplier: number): InferredFault | undefined {
  const { shutdown, panic, sealed, next } = life;
  const until = next === undefined ? {} : { until: at(next) };
  if (shutdown !== undefined) {
    const active = wasActive(life, shutdown.at);
    return {
      kind: 'terminate',
      node,
      active,
      at: at(shutdown.at),
      ...until,
      sure: 'certain',
      why: 'it says that it shuts down',
    };
  }
  if (sealed !== undefined && next !== undefined && !hasBanners(log, node)) {
    const active = wasActive(life, sealed.at);
    const why = 'it seals and begins again; a log without banners does not tell whether it was told to end';
    return { kind: 'terminate', node, active, at: at(sealed.at), ...until, sure: 'likely', why };
  }
  if (sealed !== undefined) {
    const back = life.moments.find((moment) => moment.kind === 'unsealed' && moment.at > sealed.at);
    const whole = back === undefined ? until : { until: at(back.at) };
    return {
      kind: 'seal',
      node,
      active: wasActive(life, sealed.at),
      at: at(sealed.at),
      ...whole,
      sure: 'certain',
      why: 'it says that it seals',
    };
  }
  const common = { kind: 'kill', node, active: wasActive(life, Infinity) } as const;
  if (panic !== undefined) return { ...common, at: at(panic.at), ...until, sure: 'certain', why: panic.text };
  const died = diedWithin(log, node, life, common.active, multiplier);
  if (next !== undefined) {
    const why = 'its log ends without a shutdown, and begins again';
    return { ...common, at: died.range, ...until, sure: 'certain', why };
  }
  if (!died.refused) return undefined;
  return { ...common, at: died.range, sure: 'likely', why: 'its log ends, and whoever connects to it is refused' };
}

/** What goes to the terminal alone: `log_file` has none of it. */
const hasBanners = (log: ClusterLog, node: string): boolean =>
  log.nodes.some(
    ({ facts, entries }) => facts.id === node && entries.some(({ message }) => message.startsWith('==> ')),
  );

/** Whether it was active just before. */
function wasActive({ moments }: Life, before: Micros): boolean {
  const isOf = ({ kind, at: when }: Moment): boolean =>
    kind === 'active' ? when <= before : LETS_GO.has(kind) && when < before;
  return moments.findLast(isOf)?.kind === 'active';
}

const LETS_GO: ReadonlySet<string> = new Set([
  'inactive',
  'step-down',
  'leadership lost',
  'no quorum',
  'office over',
  'sealed',
]);

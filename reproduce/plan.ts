/** The faults of a log as a plan that a simulated cluster can be put through. */
import type { Micros } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { FaultKind, InferredFault } from './faults.ts';
import { middle, type Range } from './when.ts';

export interface Deed {
  /** From the first deed. */
  readonly at: Micros;
  /** `open`: somebody gives it the shares. */
  readonly what: FaultKind | 'end' | 'open';
  /** Which fault this begins or ends. */
  readonly fault: number;
  /** Other faults that go on then. */
  readonly others: readonly number[];
  /** What it is in the log. */
  readonly note: string;
}

export interface PlannedFault {
  readonly kind: FaultKind;
  /** Its name in the log. */
  readonly node: string;
  readonly active: boolean;
}

export interface Plan {
  readonly nodes: number;
  readonly multiplier: number;
  /** All nodes on one machine. */
  readonly oneMachine: boolean;
  readonly profile: string | undefined;
  /** Nodes wait for shares after a start; else they have an auto seal. */
  readonly shares: boolean;
  readonly faults: readonly PlannedFault[];
  readonly deeds: readonly Deed[];
  /** When the first deed was, in the log. */
  readonly origin: Micros;
  /** Whether all nodes are well after the last deed; else it is looked on for a while. */
  readonly whole: boolean;
}

export interface Settings {
  readonly multiplier: number;
}

/** Undefined where nothing was done to the cluster. */
export function planOf(log: ClusterLog, faults: readonly InferredFault[], { multiplier }: Settings): Plan | undefined {
  if (faults.length === 0) return undefined;
  const times = agreed(faults);
  const origin = Math.min(...times);
  const shares = log.nodes.some(({ facts }) => facts.seal === 'shamir');
  const deeds = faults.flatMap((fault, index): Omit<Deed, 'others'>[] => {
    const { kind, node, active, until } = fault;
    const who = `${node}${active ? ', the active node,' : ''}`;
    const begin = { at: times[index]! - origin, what: kind, fault: index, note: `${who} ${WORDS[kind].begin}` };
    if (until === undefined || kind === 'step-down') return [begin];
    const end = Math.max(until.to, times[index]!) - origin;
    const over = { at: end, what: 'end', fault: index, note: `${node} ${WORDS[kind].end}` } as const;
    if (!shares || !ENDS_A_LIFE.has(kind)) return [begin, over];
    const opened = log.moments.find(
      (moment) => moment.kind === 'unsealed' && moment.node === node && moment.at >= until.from,
    );
    const open = (at: Micros) =>
      ({ at: at - origin, what: 'open', fault: index, note: `${node} is unsealed` }) as const;
    if (opened === undefined) return [begin, over];
    return startedAgain(log, fault) ? [begin, over, open(Math.max(opened.at, until.to))] : [begin, open(opened.at)];
  });
  const hosts = log.nodes.flatMap(({ facts }) => facts.clusterAddress?.replace(/:\d+$/, '') ?? []);
  return {
    nodes: log.nodes.length + log.missing.length,
    multiplier,
    oneMachine: hosts.length > 1 && new Set(hosts).size === 1,
    profile: log.nodes.find(({ facts }) => facts.version !== undefined)?.facts.version,
    faults: faults.map(({ kind, node, active }) => ({ kind, node, active })),
    deeds: withOthers(deeds.sort((a, b) => a.at - b.at)),
    origin,
    shares,
    whole: faults.every(({ kind, until }, index) => {
      if (kind === 'step-down') return true;
      const opened = deeds.some(({ what, fault }) => what === 'open' && fault === index);
      return until !== undefined && (!shares || !ENDS_A_LIFE.has(kind) || opened);
    }),
  };
}

/** Before which a node was started anew: what seals and is opened lives on. */
function startedAgain(log: ClusterLog, { node, at, until }: InferredFault): boolean {
  return log.moments.some(
    (moment) => moment.kind === 'start' && moment.node === node && moment.at > at.from && moment.at <= until!.to,
  );
}

const ENDS_A_LIFE: ReadonlySet<FaultKind> = new Set(['kill', 'terminate', 'seal']);

function withOthers(deeds: readonly Omit<Deed, 'others'>[]): Deed[] {
  const open = new Set<number>();
  return deeds.map((deed, index) => {
    open.delete(deed.fault);
    const others = [...open];
    const goesOn = deeds.slice(index + 1).some(({ fault }) => fault === deed.fault);
    if (goesOn || (deed.what !== 'end' && deed.what !== 'open' && deed.what !== 'step-down')) open.add(deed.fault);
    return { ...deed, others };
  });
}

export const WORDS: Readonly<Record<FaultKind, { readonly begin: string; readonly end: string }>> = {
  kill: { begin: 'is killed', end: 'starts again' },
  terminate: { begin: 'is told to end', end: 'starts again' },
  pause: { begin: 'stands still', end: 'goes on' },
  isolate: { begin: 'is cut off from the other nodes', end: 'is reached again' },
  'step-down': { begin: 'steps down', end: '' },
  seal: { begin: 'seals', end: 'starts again' },
  slow: { begin: 'answers slowly', end: 'answers in time again' },
};

/** One moment for each fault; nodes that died in one moment, as far as anybody can tell, died in the same. */
function agreed(faults: readonly InferredFault[]): Micros[] {
  const groups: { readonly members: number[]; within: Range }[] = [];
  for (const [index, { kind, at }] of faults.entries()) {
    const open = groups.findLast(({ members }) => faults[members[0]!]!.kind === kind);
    const from = Math.max(open?.within.from ?? Infinity, at.from);
    const to = Math.min(open?.within.to ?? -Infinity, at.to);
    if (open !== undefined && kind === 'kill' && from <= to) {
      open.members.push(index);
      open.within = { from, to };
    } else groups.push({ members: [index], within: at });
  }
  const times: Micros[] = [];
  for (const { members, within } of groups) for (const index of members) times[index] = middle(within);
  return times;
}

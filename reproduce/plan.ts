/** The faults of a log as a plan that a simulated cluster can be put through. */
import type { Micros } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { FaultKind, InferredFault } from './faults.ts';
import { middle, type Range } from './when.ts';

export interface Deed {
  /** From the first deed. */
  readonly at: Micros;
  readonly what: FaultKind | 'end';
  /** Which fault this begins or ends. */
  readonly fault: number;
  /** Other faults that go on then. */
  readonly open: readonly number[];
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
  const deeds = faults.flatMap((fault, index): Omit<Deed, 'open'>[] => {
    const { kind, node, active, until } = fault;
    const who = `${node}${active ? ', the active node,' : ''}`;
    const begin = { at: times[index]! - origin, what: kind, fault: index, note: `${who} ${WORDS[kind].begin}` };
    if (until === undefined || kind === 'step-down') return [begin];
    const end = Math.max(until.to, times[index]!) - origin;
    return [begin, { at: end, what: 'end', fault: index, note: `${node} ${WORDS[kind].end}` }];
  });
  const hosts = log.nodes.flatMap(({ facts }) => facts.clusterAddress?.replace(/:\d+$/, '') ?? []);
  return {
    nodes: log.nodes.length + log.missing.length,
    multiplier,
    oneMachine: hosts.length > 1 && new Set(hosts).size === 1,
    profile: log.nodes.find(({ facts }) => facts.version !== undefined)?.facts.version,
    faults: faults.map(({ kind, node, active }) => ({ kind, node, active })),
    deeds: withOpen(deeds.sort((a, b) => a.at - b.at)),
    origin,
    whole: faults.every(({ kind, until }) => kind === 'step-down' || until !== undefined),
  };
}

function withOpen(deeds: readonly Omit<Deed, 'open'>[]): Deed[] {
  const open = new Set<number>();
  return deeds.map((deed) => {
    open.delete(deed.fault);
    const others = [...open];
    if (deed.what !== 'end' && deed.what !== 'step-down') open.add(deed.fault);
    return { ...deed, open: others };
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

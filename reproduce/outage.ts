/** What an outage was, of a real cluster or of a simulated one, in the same measures. */
import type { Micros } from '../core/runtime.ts';
import type { RunRecord } from '../core/trace.ts';
import { type Change, lasted, vacancies } from '../sim/watches/vacancies.ts';
import { textFields } from './entry.ts';
import type { InferredFault } from './faults.ts';
import { type Moment, type MomentKind, momentsOf } from './moments.ts';
import { middle, type Range } from './when.ts';

/** A time without an active node, and what was logged in it, from its beginning on. */
export interface Outage {
  readonly from: Micros;
  /** How exactly its beginning is known. */
  readonly began: Range;
  readonly left: string;
  readonly heir: string | undefined;
  /** Undefined: it had not ended when the log did. */
  readonly lasted: Micros | undefined;
  readonly milestones: ReadonlyMap<MomentKind, Micros>;
}

export const MILESTONES: readonly MomentKind[] = [
  'heartbeat timeout',
  'pre-vote rejected',
  'election won',
  'lock acquired',
  'active',
];

/** A node says the one, and is no longer active. */
const LETS_GO: ReadonlySet<MomentKind> = new Set([
  'inactive',
  'sealed',
  'step-down',
  'leadership lost',
  'no quorum',
  'office over',
]);
const STRIKES: ReadonlySet<string> = new Set(['kill', 'pause', 'isolate']);

interface Strike {
  readonly node: string;
  readonly kind: string;
  readonly at: Range;
  readonly until: Micros | undefined;
}

function outagesOf(moments: readonly Moment[], strikes: readonly Strike[]): Outage[] {
  const said = moments.flatMap(({ at, node, kind }): Change[] => {
    if (kind === 'active') return [{ at, node, what: 'active' }];
    return LETS_GO.has(kind) ? [{ at, node, what: 'inactive' }] : [];
  });
  const done = strikes
    .filter(({ kind }) => STRIKES.has(kind))
    .flatMap(({ node, kind, at, until }): Change[] => [
      { at: middle(at), node, what: 'struck' },
      ...(until === undefined || kind === 'kill' ? [] : [{ at: until, node, what: 'whole' as const }]),
    ]);
  const changes = [...said, ...done].sort((a, b) => a.at - b.at);
  return vacancies(changes).map((vacancy) => {
    const { from, until, left, heir } = vacancy;
    const strike = strikes.find((each) => each.node === left && middle(each.at) === from);
    const inside = moments.filter(({ at }) => at >= from && at <= (until ?? Infinity));
    const first = (kind: MomentKind): Micros | undefined => inside.find((moment) => moment.kind === kind)?.at;
    const milestones = MILESTONES.flatMap((kind): [MomentKind, Micros][] => {
      const at = first(kind);
      return at === undefined ? [] : [[kind, at - from]];
    });
    return {
      from,
      began: strike?.at ?? { from, to: from },
      left,
      heir,
      lasted: until === undefined ? undefined : lasted(vacancy, until),
      milestones: new Map(milestones),
    };
  });
}

export function realOutages(moments: readonly Moment[], faults: readonly InferredFault[]): Outage[] {
  return outagesOf(
    moments,
    faults.map(({ node, kind, at, until }) => ({ node, kind, at, until: until?.to })),
  );
}

/** Of a simulated run, from `began` on. */
export function simulatedOutages(run: RunRecord, began: Micros): Outage[] {
  const strikes = run.faults.flatMap(({ what, at, until, nodes }) =>
    nodes.map((node) => ({ node, kind: what, at: { from: at, to: at }, until })),
  );
  return outagesOf(simulatedMoments(run), strikes).filter(({ from }) => from >= began);
}

/** What the nodes of a simulated run logged, in the same words as real ones. */
export function simulatedMoments(run: RunRecord): Moment[] {
  const starts = run.trace.flatMap(({ at, node, event }): Moment[] =>
    event.kind === 'node.start' ? [{ at, node, kind: 'start', text: 'starts', times: 1 }] : [],
  );
  const said = run.nodes.flatMap((name) =>
    momentsOf(
      run.logs.filter(({ node }) => node === name).map((record) => ({ ...record, fields: textFields(record.fields) })),
    ),
  );
  return [...starts, ...said].sort((a, b) => a.at - b.at);
}

import type { OperationRecord } from '../core/trace.ts';

/** A stretch in which one kind of operation was not served to anybody. */
export interface Outage {
  readonly kind: string;
  /** When the first operation of it failed or went without an answer. */
  readonly from: number;
  readonly client: string;
  readonly note: string | undefined;
  /** The first success after it; undefined when none came. */
  readonly until: number | undefined;
  readonly failed: number;
  readonly unknown: number;
}

/** Shorter troubles are single mishaps, not outages. */
const LEAST = 250_000;

/** Outages of each kind of operation (reads may be served while writes are not), in order of time. */
export function outages(operations: readonly OperationRecord[]): Outage[] {
  const kinds = new Map<string, OperationRecord[]>();
  for (const operation of operations) {
    const same = kinds.get(operation.kind);
    if (same === undefined) kinds.set(operation.kind, [operation]);
    else same.push(operation);
  }
  return [...kinds.values()].flatMap(ofOneKind).sort((a, b) => a.from - b.from);
}

const ended = ({ invoked, returned }: OperationRecord): number => returned ?? invoked;

function ofOneKind(operations: readonly OperationRecord[]): Outage[] {
  const found: Outage[] = [];
  let troubled: OperationRecord[] = [];
  const close = (until: number | undefined): void => {
    const first = troubled[0];
    if (first !== undefined && (until ?? Infinity) - ended(first) >= LEAST) {
      const { kind, client, note } = first;
      const count = (outcome: string): number => troubled.filter((operation) => operation.outcome === outcome).length;
      found.push({ kind, client, note, from: ended(first), until, failed: count('failed'), unknown: count('unknown') });
    }
    troubled = [];
  };
  for (const operation of [...operations].sort((a, b) => ended(a) - ended(b))) {
    if (operation.outcome === 'ok') close(ended(operation));
    else troubled.push(operation);
  }
  close(undefined);
  return found;
}

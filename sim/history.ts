/** What the clients did and saw: the only evidence that the promises made to them were kept. */
import type { Micros } from '../core/runtime.ts';
import type { OperationRecord } from '../core/trace.ts';
import type { World } from './world.ts';

/** A client's operation on a key. Versions and check-and-set belong to KV v2 (sim/checkers/kv.ts reads them). */
export interface Operation extends OperationRecord {
  readonly kind: 'put' | 'get';
  /** The API path of the secret: `<mount>/data/<name>`. */
  readonly key: string;
  /** The node that was asked. */
  readonly node: string;
  readonly invoked: Micros;
  returned?: number;
  outcome: 'ok' | 'failed' | 'unknown';
  note?: string;
  value?: string;
  version?: number;
  cas?: number;
  casRefused?: boolean;
  /** Answered by a node that may lag. */
  stale?: boolean;
}

/** What ended an operation. */
export type Outcome = Pick<Operation, 'outcome'> &
  Partial<Pick<Operation, 'note' | 'value' | 'version' | 'casRefused' | 'stale'>>;

export interface Counts {
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
}

export class History {
  readonly operations: Operation[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** An operation begins; until it ends, its outcome is unknown. */
  begin(start: Pick<Operation, 'client' | 'kind' | 'key' | 'node' | 'value' | 'cas'>): Operation {
    const operation: Operation = { ...start, invoked: this.#world.now, outcome: 'unknown' };
    this.operations.push(operation);
    return operation;
  }

  /** An answer came, or the client gave up. An unknown outcome has no return: it may take effect at any later time. */
  end(operation: Operation, outcome: Outcome): void {
    Object.assign(operation, outcome);
    if (outcome.outcome !== 'unknown') operation.returned = this.#world.now;
    this.#world.hash.data(operation);
  }

  counts(): Counts {
    let [acknowledged, failed, unknown] = [0, 0, 0];
    for (const { outcome } of this.operations) {
      if (outcome === 'ok') acknowledged++;
      else if (outcome === 'failed') failed++;
      else unknown++;
    }
    return { acknowledged, failed, unknown };
  }
}

import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** A node that has just stood down takes its advertisement away, and finds out that it no longer may. */
const LETTING_GO = /^core\/(leader\/|lock$)/;

/** Only the active node writes; everything else reaches a standby's storage through the log. */
export class StandbysNeverWrite implements Checker {
  readonly name = 'standbys never write';
  readonly #states = new Map<string, string>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'node.state') this.#states.set(node, event.state);
    if (event.kind !== 'storage.write' || event.active || LETTING_GO.test(event.key)) return;
    // An active node may have lost the log's leadership and not know yet.
    if (this.#states.get(node) !== 'active')
      this.#verdicts.report(this.name, at, `${node} wrote ${event.key} while it was ${this.#states.get(node)}`);
  }
}

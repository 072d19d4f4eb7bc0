import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** Only the active node writes; everything else reaches a standby's storage through the log. */
export class StandbysNeverWrite implements Checker {
  readonly name = 'standbys never write';
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'storage.write' && !event.active)
      this.#verdicts.report(this.name, at, `${node} wrote ${event.key} while it was not active`);
  }
}

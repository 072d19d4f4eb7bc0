import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** AES-GCM falls when a nonce comes twice under one key: no barrier key may ever see that, on any node. */
export class NoncesAreFresh implements Checker {
  readonly name = 'nonces are fresh';
  readonly #seen = new Set<string>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind !== 'barrier.encrypt') return;
    const key = `${event.term}/${event.nonce}`;
    if (this.#seen.has(key))
      this.#verdicts.report(this.name, at, `${node} used a nonce twice under term ${event.term}`);
    this.#seen.add(key);
  }
}

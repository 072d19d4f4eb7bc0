import type { History, Operation } from '../history.ts';
import type { Checker, Verdicts } from './checker.ts';
import { checkKey } from './kv.ts';

/**
 * KV v2 is linearizable through the active node: no acknowledged write is lost, each version has one winner. Several
 * workloads may share keys, so that what counts is all that was done to a key.
 */
export class KvIsLinearizable implements Checker {
  readonly name = 'kv is linearizable';
  readonly #histories: readonly Pick<History, 'operations'>[];
  readonly #verdicts: Verdicts;

  constructor(histories: readonly Pick<History, 'operations'>[], verdicts: Verdicts) {
    this.#histories = histories;
    this.#verdicts = verdicts;
  }

  finish(): void {
    const keys = new Map<string, Operation[]>();
    for (const { operations } of this.#histories) {
      for (const operation of operations) {
        const same = keys.get(operation.key);
        if (same === undefined) keys.set(operation.key, [operation]);
        else same.push(operation);
      }
    }
    for (const [key, operations] of keys) {
      for (const { at, message } of checkKey(key, operations)) this.#verdicts.report(this.name, at, message);
    }
  }
}

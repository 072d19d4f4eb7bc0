import type { TraceRecord } from '../../core/trace.ts';
import type { Checker, Verdicts } from './checker.ts';

/** What a sealed or uninitialised node answers with something other than 503 (facts §3.8, §1.7). */
const OPEN_WHILE_SEALED =
  /^\/v1\/sys\/(health|seal-status|init|unseal|seal|leader|storage\/raft\/(join|bootstrap\/(challenge|answer))|namespaces\/.*|metrics)(\?|$)/;

/** Statuses that give nothing away: refusals, redirects and failures. */
const SAYS_NOTHING = (status: number): boolean =>
  status === 503 || status === 429 || (status >= 300 && status < 500 && status !== 404) || status === 500;

/** A sealed node answers only what sealed nodes may: no secret, no listing, no login. */
export class SealedNodesAreSilent implements Checker {
  readonly name = 'sealed nodes are silent';
  readonly #asked = new Map<string, string>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'http.request') this.#asked.set(`${node}/${event.id}`, `${event.method} ${event.path}`);
    if (event.kind !== 'http.response') return;
    const key = `${node}/${event.id}`;
    const asked = this.#asked.get(key);
    this.#asked.delete(key);
    if (!event.sealed || asked === undefined) return;
    const path = asked.slice(asked.indexOf(' ') + 1);
    if (OPEN_WHILE_SEALED.test(path) || SAYS_NOTHING(event.status)) return;
    this.#verdicts.report(this.name, at, `sealed ${node} answered ${asked} with ${event.status}`);
  }
}

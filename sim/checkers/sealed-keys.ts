import { SECOND, type Micros } from '../../core/runtime.ts';
import type { TraceRecord } from '../../core/trace.ts';
import type { Aftermath, Checker, Verdicts } from './checker.ts';

/** Sealing takes its time; a node that still holds keys after so long has forgotten to forget them. */
const PATIENCE: Micros = SECOND;

class Holder {
  /** Prefixes of the barriers whose keys are in memory; '' is the node's own. */
  realms = new Set<string>();
  sealedSince: Micros | undefined;
}

/** A node that says that it is sealed holds no key: neither its own barrier's nor that of any namespace. */
export class SealedNodesHoldNoKeys implements Checker {
  readonly name = 'sealed nodes hold no keys';
  readonly #holders = new Map<string, Holder>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  observe({ at, node, event }: TraceRecord): void {
    if (event.kind === 'node.start') this.#holders.set(node, new Holder());
    const holder = this.#holders.get(node);
    if (holder === undefined) return;
    if (event.kind === 'barrier.keys') {
      const realm = event.realm ?? '';
      if (event.held) holder.realms.add(realm);
      else holder.realms.delete(realm);
      // It is being opened, and says so when raft runs again, which may take long.
      if (event.held && realm === '') holder.sealedSince = undefined;
    } else if (event.kind === 'node.state') holder.sealedSince = event.state === 'sealed' ? at : undefined;
    // What it does later shows that it was not stopped on the way.
    this.#judge(at, node, holder);
  }

  finish({ now }: Aftermath): void {
    for (const [node, holder] of this.#holders) this.#judge(now, node, holder);
  }

  #judge(at: Micros, node: string, holder: Holder): void {
    if (holder.sealedSince === undefined || holder.realms.size === 0 || at - holder.sealedSince < PATIENCE) return;
    const whose = [...holder.realms].map((realm) => realm || 'its own barrier').join(', ');
    this.#verdicts.report(this.name, at, `${node} is sealed and still holds the keys of ${whose}`);
    holder.sealedSince = undefined;
  }
}

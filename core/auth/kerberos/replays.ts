/**
 * Which authenticators a process was shown (RFC 4120, section 3.2.3): none is good twice. All mounts share it, nobody else
 * knows of it, and what is older than the clocks may differ is forgotten at every so many minutes.
 */
import { principalText, samePrincipal, type PrincipalName } from '../../codec/kerberos/principal.ts';
import type { Micros } from '../../runtime.ts';

interface Shown {
  /** When, on the clock that never goes back. */
  readonly seen: Micros;
  readonly service: PrincipalName;
}

export class Replays {
  readonly #kept: Micros;
  /** By whose they are, and the time that they say. */
  readonly #shown = new Map<string, Map<Micros, Shown>>();
  /** When the next is done. */
  #tidying: Micros | undefined;

  /** `kept` is how far clocks may differ. */
  constructor(kept: Micros) {
    this.#kept = kept;
  }

  /** Whether it was shown before; now it was. */
  isReplay(service: PrincipalName, client: PrincipalName, at: Micros, now: Micros): boolean {
    this.#tidy(now);
    const name = principalText(client);
    const own = this.#shown.get(name) ?? new Map<Micros, Shown>();
    const before = own.get(at);
    if (before !== undefined && samePrincipal(before.service, service)) return true;
    own.set(at, { seen: now, service });
    this.#shown.set(name, own);
    return false;
  }

  #tidy(now: Micros): void {
    this.#tidying ??= now + this.#kept;
    if (now < this.#tidying) return;
    const last = now - ((now - this.#tidying) % this.#kept);
    this.#tidying = last + this.#kept;
    for (const [name, own] of this.#shown) {
      for (const [at, { seen }] of own) if (last - seen > this.#kept) own.delete(at);
      if (own.size === 0) this.#shown.delete(name);
    }
  }
}

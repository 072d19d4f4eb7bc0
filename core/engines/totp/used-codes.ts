/** Codes that were looked at, and are not looked at again while they could be valid. */
import type { Clock, Micros } from '../../runtime.ts';

export class UsedCodes {
  readonly #clock: Clock;
  /** When each is forgotten, monotonic micros. */
  readonly #until = new Map<string, Micros>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(name: string, code: string): boolean {
    const until = this.#until.get(`${name}_${code}`);
    return until !== undefined && until > this.#clock.monotonic();
  }

  add(name: string, code: string, lifetime: Micros): void {
    this.#until.set(`${name}_${code}`, this.#clock.monotonic() + lifetime);
  }

  /** Forgets what is over. */
  sweep(): void {
    const now = this.#clock.monotonic();
    for (const [used, until] of this.#until) if (until <= now) this.#until.delete(used);
  }
}

/** Nonces against replay: each is good once, and for a quarter of an hour. They are kept in memory only. */
import { encodeBase64RawUrl } from '../../../codec/base64.ts';
import { MINUTE, type Micros, type Runtime } from '../../../runtime.ts';

const LIFETIME = 15 * MINUTE;
/** Nobody fills the memory with asking. */
const MOST = 65_536;

export class Nonces {
  readonly #runtime: Pick<Runtime, 'random' | 'clock'>;
  /** Monotonic micros of their end, oldest first. */
  readonly #ends = new Map<string, Micros>();

  constructor(runtime: Pick<Runtime, 'random' | 'clock'>) {
    this.#runtime = runtime;
  }

  next(): string {
    const now = this.#runtime.clock.monotonic();
    for (const [nonce, end] of this.#ends) {
      if (end > now && this.#ends.size < MOST) break;
      this.#ends.delete(nonce);
    }
    const nonce = encodeBase64RawUrl(this.#runtime.random.bytes(21));
    this.#ends.set(nonce, now + LIFETIME);
    return nonce;
  }

  /** Whether it was given out, is still good, and has not come back before. */
  redeem(nonce: string): boolean {
    const end = this.#ends.get(nonce);
    this.#ends.delete(nonce);
    return end !== undefined && end > this.#runtime.clock.monotonic();
  }
}

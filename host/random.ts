/** The system's generator, fetched in blocks because tokens and nonces are short. */
import { randomFillSync, randomInt } from 'node:crypto';
import type { Random } from '../core/runtime.ts';

const BLOCK = 4_096;

export class HostRandom implements Random {
  #pool = new Uint8Array(BLOCK);
  #at = BLOCK;

  bytes(length: number): Uint8Array {
    if (length > BLOCK / 4) return randomFillSync(new Uint8Array(length));
    if (this.#at + length > BLOCK) {
      this.#pool = randomFillSync(new Uint8Array(BLOCK));
      this.#at = 0;
    }
    // A copy: what is handed out may be changed, and the pool's copy is wiped.
    const taken = this.#pool.slice(this.#at, this.#at + length);
    this.#pool.fill(0, this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  below(bound: number): number {
    return bound <= 1 ? 0 : randomInt(bound);
  }
}

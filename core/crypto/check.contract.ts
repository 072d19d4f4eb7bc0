/** What the contract suites of `Crypto` are made of. */
import { assert } from '../assert.ts';
import { encodeHex } from '../codec/hex.ts';
import { AuthenticationFailed, type Crypto } from './crypto.ts';

export interface CryptoCheck {
  readonly name: string;
  readonly check: (crypto: Crypto) => void | Promise<void>;
}

export function same(actual: Uint8Array, expected: string, what: string): void {
  const shown = encodeHex(actual);
  assert(Object.getPrototypeOf(actual) === Uint8Array.prototype, `${what} is a plain Uint8Array`);
  assert(shown === expected, `${what}: ${shown} is not ${expected}`);
}

export function refuses(open: () => unknown, what: string): void {
  try {
    open();
  } catch (error) {
    assert(error instanceof AuthenticationFailed, `${what} fails as AuthenticationFailed`);
    return;
  }
  assert(false, `${what} is refused`);
}

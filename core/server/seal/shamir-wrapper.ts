/** The seal whose key people bring: AES-GCM under the key that the shares make, with the nonce inside the ciphertext. */
import { concatBytes, noBytes } from '../../codec/bytes.ts';
import { nonceBytes } from '../../storage/barrier/entry.ts';
import type { AesGcm } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import type { SealWrapper } from './wrapper.ts';

/** Go's aes.KeySizeError. */
export class KeySizeError extends Error {
  readonly size: number;
  constructor(size: number) {
    super(`crypto/aes: invalid key size ${size}`);
    this.name = 'KeySizeError';
    this.size = size;
  }
}

export class ShamirWrapper implements SealWrapper {
  readonly type = 'shamir';
  readonly #runtime: Runtime;
  #cipher: AesGcm | undefined;

  constructor(runtime: Runtime, key?: Uint8Array) {
    this.#runtime = runtime;
    if (key !== undefined) this.setKey(key);
  }

  /** The key-encryption key, once enough shares are there. */
  setKey(key: Uint8Array): void {
    if (key.length !== 16 && key.length !== 24 && key.length !== 32) {
      throw new KeySizeError(key.length);
    }
    this.#cipher = this.#runtime.crypto.aesGcm(key);
  }

  async keyId(): Promise<string> {
    return '';
  }

  async encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    const nonce = this.#runtime.random.bytes(nonceBytes);
    const ciphertext = concatBytes(nonce, this.#ready().seal(nonce, plaintext));
    return { ciphertext, iv: noBytes, keyId: '' };
  }

  async decrypt({ ciphertext }: SealedBlob): Promise<Uint8Array> {
    return this.#ready().open(ciphertext.subarray(0, nonceBytes), ciphertext.subarray(nonceBytes));
  }

  #ready(): AesGcm {
    if (this.#cipher === undefined) throw failure('aead is not configured in the seal');
    return this.#cipher;
  }
}

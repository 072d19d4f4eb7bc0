/** `sys/generate-root-token`: a root token for those who hold the keys, handed out encrypted with a one-time pad. */
import { encodeBase64, encodeBase64Raw } from '../../codec/base64.ts';
import { randomBase62 } from '../../codec/base62.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { joinKey } from '../../crypto/shamir.ts';
import { failure, refuse } from '../../fault.ts';
import { Mutex } from '../../mutex.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import { isRootKey } from '../../storage/barrier/lifecycle.ts';
import { encryptFor, pgpEntity } from './pgp.ts';
import type { Seal } from './seal.ts';
import { alreadyGiven, checkShareLength } from './share.ts';
import { unsealKeyToRootKey } from './unseal.ts';

export type GenerationStatus =
  | { readonly started: false; readonly required: number; readonly otpLength: number }
  | {
      readonly started: true;
      readonly required: number;
      readonly otpLength: number;
      readonly nonce: string;
      readonly progress: number;
      /** '' without a PGP key. */
      readonly fingerprint: string;
    };

export interface GenerationUpdate {
  readonly nonce: string;
  readonly progress: number;
  readonly required: number;
  /** '' until complete. */
  readonly encodedToken: string;
  readonly fingerprint: string;
}

interface Attempt {
  readonly nonce: string;
  readonly otp: string;
  /** '' where the pad hides the token. */
  readonly pgpKey: string;
  readonly fingerprint: string;
  progress: Uint8Array[];
}

/** What the token is made for. */
export interface GenerationPurpose {
  /** What the log calls it. */
  readonly name: string;
  /** Of the tokens made: 26, or 28 with server-side consistent ones; 7 more in a namespace. */
  readonly otpLength: number;
  /** Rejects for a root key that is not the barrier's. */
  prove(rootKey: Uint8Array): Promise<void>;
}

/** Kept in memory, per active node. */
export class RootGeneration {
  readonly #barrier: Barrier;
  readonly #seal: Seal;
  readonly #mutex = new Mutex();
  readonly #purpose: GenerationPurpose;
  #attempt: Attempt | undefined;

  constructor(barrier: Barrier, seal: Seal, purpose: GenerationPurpose) {
    this.#barrier = barrier;
    this.#seal = seal;
    this.#purpose = purpose;
  }

  get #otpLength(): number {
    return this.#purpose.otpLength;
  }

  async status(): Promise<GenerationStatus> {
    const required = (await this.#seal.authorityConfig())?.threshold ?? 0;
    const otpLength = this.#otpLength;
    const attempt = this.#attempt;
    if (attempt === undefined) return { started: false, required, otpLength };
    return {
      started: true,
      required,
      otpLength,
      nonce: attempt.nonce,
      progress: attempt.progress.length,
      fingerprint: attempt.fingerprint,
    };
  }

  /** Returns the pad when it was made here, '' when the client brought it: it is never shown again. */
  async start(otp = '', pgpKey = ''): Promise<string> {
    if (otp !== '' && encodeUtf8(otp).length !== this.#otpLength) throw refuse('OTP string has incorrect length');
    const fingerprint = pgpKey === '' ? '' : this.#fingerprint(pgpKey);
    if (this.#attempt !== undefined) throw refuse('root generation already in progress for this namespace');
    const bytes = (length: number): Uint8Array => this.#barrier.runtime.random.bytes(length);
    const made = pgpKey !== '' ? '' : otp === '' ? randomBase62(this.#otpLength, bytes) : '';
    this.#attempt = { nonce: makeUuid(bytes), otp: otp === '' ? made : otp, pgpKey, fingerprint, progress: [] };
    this.#barrier.runtime.log.write('info', 'core', `${this.#purpose.name} initialized`, {
      nonce: this.#attempt.nonce,
    });
    return made;
  }

  #fingerprint(key: string): string {
    try {
      return pgpEntity(key, this.#barrier.runtime).fingerprint;
    } catch (error) {
      throw refuse(`error parsing PGP key: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  cancel(): void {
    this.#attempt = undefined;
  }

  /** `makeToken` is called when the last share proved right. Refusals are bare errors: 500 on the wire. */
  update(share: Uint8Array, nonce: string, makeToken: () => Promise<string>): Promise<GenerationUpdate> {
    return this.#mutex.run(async () => {
      checkShareLength(share);
      const config = await this.#seal.authorityConfig();
      if (config === undefined) throw failure('Vault is not initialized');
      const attempt = this.#attempt;
      if (attempt === undefined) throw failure('no root generation in progress');
      if (nonce !== attempt.nonce) {
        throw failure(`incorrect nonce supplied; nonce for this root generation operation is "${attempt.nonce}"`);
      }
      if (alreadyGiven(attempt.progress, share)) {
        throw failure('given key has already been provided during this generation operation');
      }
      attempt.progress.push(share);
      const progress = attempt.progress.length;
      const required = config.threshold;
      const { fingerprint } = attempt;
      if (progress < required) return { nonce, progress, required, encodedToken: '', fingerprint };
      const shares = attempt.progress;
      attempt.progress = [];
      await this.#authenticate(shares, required);
      const token = await makeToken();
      this.#attempt = undefined;
      this.#barrier.runtime.log.write('info', 'core', `${this.#purpose.name} finished`, { nonce });
      const hidden =
        attempt.pgpKey === ''
          ? withPad(token, attempt.otp)
          : encodeBase64(encryptFor(attempt.pgpKey, encodeUtf8(token), this.#barrier.runtime));
      return { nonce, progress, required, encodedToken: hidden, fingerprint };
    });
  }

  async #authenticate(shares: readonly Uint8Array[], threshold: number): Promise<void> {
    let key: Uint8Array;
    try {
      key = joinKey(shares, threshold);
    } catch (error) {
      throw failure(`failed to compute root key: ${error instanceof Error ? error.message : String(error)}`);
    }
    try {
      await this.#purpose.prove(await unsealKeyToRootKey(this.#seal, key));
    } catch (error) {
      const reason = `unable to authenticate: ${error instanceof Error ? error.message : String(error)}`;
      this.#barrier.runtime.log.write('error', 'core', 'root generation aborted', { error: reason });
      // Despite the wording the attempt stays, with its nonce and without its shares.
      throw failure(`root generation aborted: ${reason}`);
    }
  }
}

/** A root token of the root namespace, or of one whose tokens are longer. */
export const forRoot = (barrier: Barrier, otpLength: number): GenerationPurpose => ({
  name: 'root generation',
  otpLength,
  prove: async (rootKey) => {
    if (!isRootKey(barrier, rootKey)) throw failure('Unseal failed, invalid key');
  },
});

function withPad(token: string, otp: string): string {
  const bytes = encodeUtf8(token);
  const pad = encodeUtf8(otp);
  return encodeBase64Raw(bytes.map((byte, i) => byte ^ pad[i]!));
}

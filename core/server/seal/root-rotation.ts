/**
 * `sys/rotate/{root,recovery}`: new keys in other hands, authorised by those who hold the present ones. The state is in
 * memory, per active node; the writes at the end are independent of each other, as upstream's are.
 */
import { makeUuid } from '../../codec/uuid.ts';
import { joinKey, splitKey } from '../../crypto/shamir.ts';
import { Fault, failure, refuse } from '../../fault.ts';
import type { Mutex } from '../../mutex.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import { generateKey, isRootKey, rotateRootKey, writeShamirKek } from '../../storage/barrier/lifecycle.ts';
import { StorageView } from '../../storage/view.ts';
import { sealConfig, validateSealConfig, type SealConfig } from './seal-config.ts';
import type { Seal } from './seal.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';
import { rotateWords, type RotationWords } from './rotation-words.ts';
import type { RotationParameters, RotationResult, RotationStatus, VerificationStatus } from './rotation-shapes.ts';
import { storeBackup } from './key-backup.ts';
import { encryptShares, pgpEntity, pgpFingerprints } from './pgp.ts';
import { alreadyGiven } from './share.ts';

interface Attempt {
  readonly config: SealConfig;
  readonly requireVerification: boolean;
  progress: Uint8Array[];
  verificationNonce: string;
  /** The new key, while it waits for its shares to be shown once. */
  verification: { readonly key: Uint8Array; progress: Uint8Array[] } | undefined;
}

/** How it speaks: other words than those of `sys/rotate`, of another namespace than root (its path). */
export interface Told {
  readonly words?: RotationWords;
  readonly namespace?: string;
}

/** One for the root key (or the unseal key behind it), one for the recovery key. */
export class RootRotation {
  readonly #barrier: Barrier;
  readonly #seal: Seal;
  readonly #recovery: boolean;
  readonly #mutex: Mutex;
  readonly #words: RotationWords;
  readonly #namespace: string;
  #attempt: Attempt | undefined;

  /** Root and recovery rotations of one barrier share the mutex. */
  constructor(barrier: Barrier, seal: Seal, recovery: boolean, mutex: Mutex, told: Told = {}) {
    const { words = rotateWords(recovery), namespace = '' } = told;
    this.#namespace = namespace;
    this.#barrier = barrier;
    this.#seal = seal;
    this.#recovery = recovery;
    this.#mutex = mutex;
    this.#words = words;
  }

  async status(): Promise<RotationStatus> {
    let authority: SealConfig | undefined;
    try {
      authority = await this.#authority();
    } catch (error) {
      throw this.#words.configUnread(error, 'status');
    }
    const required = authority?.threshold ?? 0;
    const attempt = this.#attempt;
    if (attempt === undefined) return { started: false, required };
    return {
      started: true,
      required,
      nonce: attempt.config.nonce,
      shares: attempt.config.shares,
      threshold: attempt.config.threshold,
      progress: attempt.progress.length,
      verificationRequired: attempt.requireVerification,
      fingerprints: pgpFingerprints(attempt.config.pgpKeys, this.#barrier.runtime),
      backup: attempt.config.backup,
      verificationNonce: attempt.verificationNonce,
    };
  }

  /** The result at once when a recovery key never had shares: then nobody has to authorise. */
  start(parameters: RotationParameters): Promise<RotationResult | undefined> {
    return this.#mutex.run(async () => {
      const config = this.#validated(parameters);
      this.#attempt = {
        config: { ...config, nonce: this.#uuid() },
        requireVerification: parameters.requireVerification,
        progress: [],
        verificationNonce: '',
        verification: undefined,
      };
      const { nonce, shares, threshold } = this.#attempt.config;
      this.#log('rotation initialized', {
        nonce,
        shares,
        threshold,
        validation_required: parameters.requireVerification,
      });
      if (!this.#recovery || (await this.#seal.recoveryConfig())?.shares !== 0) return undefined;
      return this.#finish(this.#attempt);
    });
  }

  cancel(): void {
    this.#attempt = undefined;
  }

  /** The result when the last share was given, else undefined. */
  update(share: Uint8Array, nonce: string): Promise<RotationResult | undefined> {
    return this.#mutex.run(async () => {
      let authority: SealConfig | undefined;
      try {
        authority = await this.#authority();
      } catch (error) {
        throw this.#words.configUnread(error, 'update');
      }
      if (authority === undefined) throw refuse('Vault is not initialized');
      const attempt = this.#attempt;
      if (attempt === undefined) throw this.#words.none('update');
      const key = this.#progress(attempt, authority, share, nonce);
      if (key === undefined) return undefined;
      await this.#authenticate(key);
      return this.#finish(attempt);
    });
  }

  verificationStatus(): VerificationStatus {
    const attempt = this.#attempt;
    if (attempt === undefined) throw this.#words.none('status');
    return {
      started: attempt.verification !== undefined,
      nonce: attempt.verificationNonce,
      shares: attempt.config.shares,
      threshold: attempt.config.threshold,
      progress: attempt.verification?.progress.length ?? 0,
    };
  }

  /** Forgets the shares given so far; the nonce changes. */
  restartVerification(): VerificationStatus {
    const attempt = this.#attempt;
    if (attempt !== undefined) {
      if (attempt.verification !== undefined) attempt.verification.progress = [];
      attempt.verificationNonce = this.#uuid();
    }
    return this.verificationStatus();
  }

  /** The nonce of the verification when the new shares have proven themselves and the new key is in force. */
  verify(share: Uint8Array, nonce: string): Promise<string | undefined> {
    return this.#mutex.run(async () => {
      const attempt = this.#attempt;
      if (attempt === undefined) throw this.#words.none('verification');
      const { verification } = attempt;
      if (verification === undefined) throw this.#words.noVerification();
      if (nonce !== attempt.verificationNonce) {
        throw refuse(`incorrect nonce supplied; nonce for this verify operation is "${attempt.verificationNonce}"`);
      }
      const twice = this.#words.givenToVerification;
      if (twice !== undefined && alreadyGiven(verification.progress, share)) throw twice;
      verification.progress.push(share);
      if (verification.progress.length < attempt.config.threshold) return undefined;
      const shares = verification.progress;
      verification.progress = [];
      attempt.verificationNonce = this.#uuid();
      let key: Uint8Array;
      try {
        key = joinKey(shares, attempt.config.threshold);
      } catch (error) {
        throw this.#words.failed('compute key for verification', error);
      }
      if (!this.#barrier.runtime.crypto.equal(key, verification.key)) {
        throw this.#words.verificationFailed();
      }
      await this.#apply(attempt.config, key);
      this.#attempt = undefined;
      return nonce;
    });
  }

  #validated({ shares, threshold, pgpKeys, backup, requireVerification }: RotationParameters): SealConfig {
    const busy = this.#attempt !== undefined;
    if (busy && !this.#words.validatesFirst) throw this.#words.underWay;
    const stored = this.#seal.auto && !this.#recovery;
    if (this.#recovery && !this.#seal.auto) throw this.#words.noRecovery();
    if (stored) {
      if (pgpKeys.length > 0) throw this.#words.notWithStoredKeys('PGP key encryption');
      if (backup) throw this.#words.notWithStoredKeys('key backup');
      if (requireVerification) throw this.#words.notWithStoredKeys('requiring verification');
    }
    const config = stored ? sealConfig('', 1, 1) : { ...sealConfig('', shares, threshold), pgpKeys, backup };
    try {
      validateSealConfig(config, (key) => void pgpEntity(key, this.#barrier.runtime));
    } catch (error) {
      throw this.#words.invalidConfig(error);
    }
    if (busy) throw this.#words.underWay;
    return config;
  }

  #progress(attempt: Attempt, authority: SealConfig, share: Uint8Array, nonce: string): Uint8Array | undefined {
    if (attempt.verification !== undefined) {
      throw this.#words.awaitsVerification(attempt.verificationNonce);
    }
    if (nonce !== attempt.config.nonce) {
      throw this.#words.wrongNonce(attempt.config.nonce);
    }
    if (alreadyGiven(attempt.progress, share)) {
      throw this.#words.givenBefore();
    }
    attempt.progress.push(share);
    if (attempt.progress.length < authority.threshold) {
      const fields = { keys: attempt.progress.length, threshold: authority.threshold };
      this.#barrier.runtime.log.write('debug', 'seals', 'cannot rotate yet, not enough keys', fields);
      return undefined;
    }
    const shares = attempt.progress;
    attempt.progress = [];
    try {
      return joinKey(shares, authority.threshold);
    } catch (error) {
      throw this.#words.failed('compute key', error);
    }
  }

  async #authenticate(key: Uint8Array): Promise<void> {
    if (this.#seal.auto) {
      try {
        await this.#seal.verifyRecoveryKey(key);
      } catch (error) {
        throw refuse(`recovery key verification failed: ${error instanceof Error ? error.message : String(error)}`);
      }
      return;
    }
    let opened: Seal;
    try {
      opened = this.#seal.withKey(key);
    } catch (error) {
      throw this.#words.failed('setup unseal key', error);
    }
    let stored: Uint8Array[];
    try {
      stored = await opened.storedKeys();
    } catch (error) {
      throw this.#words.failed('read root key', error);
    }
    if (stored[0] === undefined || !isRootKey(this.#barrier, stored[0])) {
      throw refuse('root key verification failed: Unseal failed, invalid key');
    }
  }

  async #finish(attempt: Attempt): Promise<RotationResult> {
    const { config } = attempt;
    const fresh = this.#recovery || !this.#seal.auto;
    const key = fresh ? generateKey(this.#barrier) : undefined;
    const shares =
      key === undefined ? [] : splitKey(key, config.shares, config.threshold, this.#barrier.runtime.random);
    const { runtime } = this.#barrier;
    const fingerprints = pgpFingerprints(config.pgpKeys, runtime);
    const shown = encryptShares(shares, config.pgpKeys, runtime);
    const own = new StorageView(this.#barrier, this.#barrier.prefix);
    if (config.backup) await storeBackup(own, this.#recovery, config.nonce, shown, fingerprints);
    const { nonce, threshold, backup } = config;
    const result = { nonce, shares: shown, threshold, backup, fingerprints };
    if (attempt.requireVerification && key !== undefined) {
      const verificationNonce = this.#uuid();
      attempt.verification = { key, progress: [] };
      attempt.verificationNonce = verificationNonce;
      return { ...result, verificationRequired: true, verificationNonce };
    }
    await this.#apply(config, key);
    this.#attempt = undefined;
    return { ...result, verificationRequired: false, verificationNonce: '' };
  }

  async #apply(config: SealConfig, key: Uint8Array | undefined): Promise<void> {
    if (this.#recovery) {
      if (key === undefined) throw failure('recovery key to store is nil');
      await this.#seal.storeRecoveryKey(key);
      await this.#seal.writeRecoveryConfig(config);
      return;
    }
    if (key !== undefined && this.#seal.wrapper instanceof ShamirWrapper) this.#seal.wrapper.setKey(key);
    await rotateRoot(this.#barrier, this.#seal);
    this.#log('root key rotated', { shares: config.shares, threshold: config.threshold });
    if (key === undefined) return;
    await writeShamirKek(this.#barrier, key);
    await this.#seal.writeBarrierConfig(config);
  }

  #authority(): Promise<SealConfig | undefined> {
    return this.#recovery ? this.#seal.recoveryConfig() : this.#seal.authorityConfig();
  }

  #uuid(): string {
    return makeUuid((length) => this.#barrier.runtime.random.bytes(length));
  }

  #log(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#barrier.runtime.log.write('info', 'seals', message, { namespace: this.#namespace, ...fields });
  }
}

/**
 * `sys/rotate/root`: another root key behind the same shares. First the stored keys, then the keyring: a crash in
 * between leaves stored keys that no longer open the keyring, as upstream's.
 */
export async function rotateRoot(barrier: Barrier, seal: Seal): Promise<void> {
  const rootKey = generateKey(barrier);
  try {
    await seal.storeKeys([rootKey]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw failure(`failed to store keys: ${error.message}`);
  }
  await rotateRootKey(barrier, rootKey);
}

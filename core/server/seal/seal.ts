/**
 * A seal over its storage: the configurations, the root key wrapped for unsealing, and the recovery key of seals that
 * unseal by themselves. All of it lies below the barrier, where a sealed node can read it.
 */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { asStrings } from '../../codec/json-fields.ts';
import { parse, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { Fault, failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import { parseBlob, serialiseBlob, type SealedBlob } from './blob.ts';
import {
  parseSealConfig,
  serialiseSealConfig,
  validateRecoveryConfig,
  validateSealConfig,
  type SealConfig,
} from './seal-config.ts';
import { measureSeal } from './measured-wrapper.ts';
import { InvalidKey } from './share.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';
import type { SealWrapper } from './wrapper.ts';

const barrierConfigPath = 'core/seal-config';
const recoveryConfigPath = 'core/recovery-config';
const storedKeysPath = 'core/hsm/barrier-unseal-keys';
const recoveryKeyPath = 'core/recovery-key';

export class Seal {
  readonly runtime: Runtime;
  readonly wrapper: SealWrapper;
  readonly #physical: Storage;
  readonly #stored: Storage;
  readonly #configs = new Map<string, SealConfig>();

  /** A namespace's seal keeps its configuration in `configs`, encrypted by the namespace above. */
  constructor(runtime: Runtime, physical: Storage, wrapper: SealWrapper, configs = physical) {
    this.runtime = runtime;
    this.wrapper = wrapper;
    this.#physical = physical;
    this.#stored = configs;
    if (runtime.metrics !== undefined) measureSeal(wrapper, runtime.metrics);
  }

  get type(): string {
    return this.wrapper.type;
  }

  /** Unseals by itself and has recovery keys in place of unseal keys. */
  get auto(): boolean {
    return this.wrapper.type !== 'shamir';
  }

  /** The same seal with the key that some shares made, to see what it opens. */
  withKey(key: Uint8Array): Seal {
    return new Seal(this.runtime, this.#physical, new ShamirWrapper(this.runtime, key), this.#stored);
  }

  /** Undefined before initialisation. Cached until written here or forgotten. */
  async barrierConfig(): Promise<SealConfig | undefined> {
    const config = await this.#readConfig(barrierConfigPath, 'barrier', validateSealConfig);
    if (config !== undefined && config.type !== this.type) {
      this.#configs.delete(barrierConfigPath);
      const what = this.auto ? 'loaded' : 'expected';
      throw failure(`barrier seal type of "${config.type}" does not match ${what} type of "${this.type}"`);
    }
    return config;
  }

  /** Throws 'recovery not supported' on a Shamir seal. */
  async recoveryConfig(): Promise<SealConfig | undefined> {
    if (!this.auto) throw failure('recovery not supported');
    return this.#readConfig(recoveryConfigPath, 'recovery', validateRecoveryConfig);
  }

  /** Both as they lie in storage now, whichever seal wrote them. */
  async physicalConfigs(): Promise<{ barrier: SealConfig | undefined; recovery: SealConfig | undefined }> {
    this.forgetConfigs();
    return {
      barrier: await this.#readConfig(barrierConfigPath, 'barrier', validateSealConfig),
      recovery: await this.#readConfig(recoveryConfigPath, 'recovery', validateRecoveryConfig),
    };
  }

  /** The configuration of those who authorise: recovery keys on an auto seal, unseal keys on a Shamir one. */
  authorityConfig(): Promise<SealConfig | undefined> {
    return this.auto ? this.recoveryConfig() : this.barrierConfig();
  }

  async writeBarrierConfig(config: SealConfig): Promise<void> {
    await this.#writeConfig(barrierConfigPath, 'barrier', { ...config, type: this.type });
  }

  async writeRecoveryConfig(config: SealConfig): Promise<void> {
    await this.#writeConfig(recoveryConfigPath, 'recovery', { ...config, type: 'shamir' });
  }

  /** A seal with shares has none. */
  async deleteRecoveryConfig(): Promise<void> {
    await this.#stored.delete(recoveryConfigPath);
    this.#configs.delete(recoveryConfigPath);
  }

  /** Another node may have written: read again next time. */
  forgetConfigs(): void {
    this.#configs.clear();
  }

  /** The root keys (one) that unseal the barrier; [] before initialisation. Throws InvalidKey under a wrong key. */
  async storedKeys(): Promise<Uint8Array[]> {
    const stored = await this.#physical.get(storedKeysPath);
    if (stored === undefined) return [];
    const plaintext = await this.#decrypt(stored, 'failed to decrypt keys from storage').catch(asInvalidKey);
    return (asStrings(parse(plaintext)) ?? []).map(decodeBase64);
  }

  async storeKeys(keys: readonly Uint8Array[]): Promise<void> {
    const blob = await this.#encrypt(encodeUtf8(print(keys.map(encodeBase64))));
    await this.#physical.put(storedKeysPath, serialiseBlob(blob));
  }

  async recoveryKey(): Promise<Uint8Array> {
    const stored = await this.#physical.get(recoveryKeyPath);
    if (stored === undefined) throw failure('no recovery key found');
    return this.#decrypt(stored, 'failed to decrypt encrypted stored keys');
  }

  async storeRecoveryKey(key: Uint8Array): Promise<void> {
    await this.#physical.put(recoveryKeyPath, serialiseBlob(await this.#encrypt(key)));
  }

  async verifyRecoveryKey(key: Uint8Array): Promise<void> {
    if (!this.runtime.crypto.equal(key, await this.recoveryKey())) {
      throw failure('recovery key does not match submitted values');
    }
  }

  /**
   * Wraps again what was wrapped under another key than the present one, at post-unseal. The recovery key comes first,
   * so that without one ('no recovery key found', only logged) the stored keys stay as they are.
   */
  async upgradeKeys(): Promise<void> {
    if (!this.auto) return;
    const current = await this.wrapper.keyId();
    const outdated = async (path: string, missing: string): Promise<boolean> => {
      const stored = await this.#physical.get(path);
      if (stored === undefined) throw failure(missing);
      const { keyId, nameless } = parseBlob(stored);
      return nameless !== true && keyId !== current;
    };
    const { log } = this.runtime;
    if (await outdated(recoveryKeyPath, 'no recovery key found')) {
      log.write('info', 'core.autoseal', 'upgrading recovery key');
      await this.storeRecoveryKey(await this.recoveryKey());
    }
    if (await outdated(storedKeysPath, 'no stored keys found')) {
      log.write('info', 'core.autoseal', 'upgrading stored keys');
      await this.storeKeys(await this.storedKeys());
    }
  }

  async #encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    try {
      return await this.wrapper.encrypt(plaintext);
    } catch (error) {
      throw failure(`failed to encrypt keys for storage: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #decrypt(stored: Uint8Array, failing: string): Promise<Uint8Array> {
    const blob = parseBlob(stored);
    try {
      return await this.wrapper.decrypt(blob);
    } catch (error) {
      throw failure(`${failing}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #readConfig(
    path: string,
    kind: string,
    validate: (config: SealConfig) => void,
  ): Promise<SealConfig | undefined> {
    const cached = this.#configs.get(path);
    if (cached !== undefined) return cached;
    const stored = await this.#stored.get(path);
    if (stored === undefined) return undefined;
    let config: SealConfig;
    try {
      config = parseSealConfig(stored);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw failure(`failed to decode "${kind}" seal configuration: ${reason}`);
    }
    try {
      // A stored configuration names the PGP keys its shares were given to; only the split has to be right.
      validate({ ...config, pgpKeys: [] });
    } catch (error) {
      throw failure(`"${kind}" seal validation failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#configs.set(path, config);
    return config;
  }

  async #writeConfig(path: string, kind: string, config: SealConfig): Promise<void> {
    try {
      await this.#stored.put(path, serialiseSealConfig(config));
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      throw new Error(`failed to write ${kind} seal configuration: ${error.message}`, { cause: error });
    }
    this.#configs.set(path, config);
  }
}

/** Stored keys that do not open are the fault of the key that was given. */
function asInvalidKey(error: unknown): never {
  if (error instanceof Fault && error.message.endsWith('message authentication failed')) {
    throw new InvalidKey(error.message);
  }
  throw error;
}

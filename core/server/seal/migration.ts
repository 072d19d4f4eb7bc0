/**
 * From one seal to another (facts §1.11): found when the node starts, from what lies in storage and what is configured;
 * performed by the active node, before it sets anything up, with the key that the operators' shares made. The writes
 * and their order are upstream's, and so are the places where a crash in between hurts.
 */
import { failure } from '../../fault.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import { generateKey, rotateRootKey, writeShamirKek } from '../../storage/barrier/lifecycle.ts';
import { sealConfig, type SealConfig } from './seal-config.ts';
import { Seal } from './seal.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';
import type { SealWrapper } from './wrapper.ts';

export class Migration {
  /** What the storage is sealed with until it is performed. */
  readonly from: Seal;
  readonly #to: Seal;
  #unsealKey: Uint8Array | undefined;
  #done = false;

  private constructor(from: Seal, to: Seal) {
    this.from = from;
    this.#to = to;
  }

  /**
   * Undefined where there is none: not initialised, or sealed as configured. `old` is the seal whose block says
   * `disabled`. Throws a Fault when the configuration cannot lead from the one to the other.
   */
  static async find(barrier: Barrier, to: Seal, old: SealWrapper | undefined): Promise<Migration | undefined> {
    const { runtime, physical } = barrier;
    const existing = (await to.physicalConfigs()).barrier;
    if (existing === undefined) return undefined;
    if (old === undefined && existing.type === to.type) return undefined;
    // Shares need no block to be named by.
    const shamir = existing.type === 'shamir' && to.auto && old === undefined;
    if (old === undefined && !shamir) {
      const target = to.auto ? `"${to.type}"` : 'Shamir';
      throw failure(`cannot seal migrate from "${existing.type}" to ${target}, no disabled seal in configuration`);
    }
    if (existing.type === 'shamir' && !to.auto) return undefined;
    const from = new Seal(runtime, physical, old ?? new ShamirWrapper(runtime));
    const text = 'entering seal migration mode; Vault will not automatically unseal even if using an autoseal';
    runtime.log.write('warn', 'core', text, { from_barrier_type: from.type, to_barrier_type: to.type });
    return new Migration(from, to);
  }

  /** Whether it has been performed, here or by another node. */
  async done(): Promise<boolean> {
    if (this.#done) return true;
    const { barrier, recovery } = await this.#to.physicalConfigs();
    if (barrier?.type !== this.#to.type) return false;
    if (this.#to.auto && recovery === undefined) return false;
    this.#done = this.#to.type !== this.from.type || (await this.#opens());
    return this.#done;
  }

  /** The same kind of seal with another key: only the new one opens what has been migrated. */
  async #opens(): Promise<boolean> {
    try {
      return (await this.#to.storedKeys()).length > 0;
    } catch {
      // Sealed under the key that is to be left.
      return false;
    }
  }

  /** What the shares are of until then; no matter what the new seal says. */
  authorityConfig(): Promise<SealConfig | undefined> {
    return this.from.authorityConfig();
  }

  /** The unseal or recovery key that the shares made, kept for `perform`. */
  authorise(key: Uint8Array): void {
    this.#unsealKey = key;
  }

  /** On the active node, with the barrier open. Does nothing when another has been faster. */
  async perform(barrier: Barrier): Promise<void> {
    const { log } = barrier.runtime;
    if (await doing('error checking if seal is migrated or not', () => this.done())) {
      log.write('info', 'core', 'migration is already performed');
      return;
    }
    log.write('info', 'core', 'seal migration initiated');
    const { from } = this;
    const to = this.#to;
    if (!to.auto) {
      log.write('info', 'core', 'migrating from one auto-unseal to shamir', { from: from.type });
      await this.#toShares(barrier);
    } else if (from.auto) {
      log.write('info', 'core', 'migrating from one auto-unseal to another', { from: from.type, to: to.type });
      await this.#toAnother();
    } else {
      log.write('info', 'core', 'migrating from shamir to auto-unseal', { to: to.type });
      await this.#fromShares(barrier);
    }
    await this.#writeConfigs();
    this.#done = true;
    log.write('info', 'core', 'seal migration complete');
  }

  /** The unseal key becomes the recovery key, and the service gets a root key that the shares never opened. */
  async #fromShares(barrier: Barrier): Promise<void> {
    await doing('error setting new recovery key information during migrate', () =>
      this.#to.storeRecoveryKey(this.#key()),
    );
    const rootKey = generateKey(barrier);
    await doing('error rotating root key during migration', () => rotateRootKey(barrier, rootKey));
    await doing('error storing new root key', () => this.#to.storeKeys([rootKey]));
  }

  async #toAnother(): Promise<void> {
    const recovery = await doing('error getting recovery key to set on new seal', () => this.from.recoveryKey());
    await doing('error setting new recovery key information during migrate', () => this.#to.storeRecoveryKey(recovery));
    await this.#moveStoredKeys();
  }

  /** The recovery key becomes the unseal key. */
  async #toShares(barrier: Barrier): Promise<void> {
    const key = this.#key();
    if (this.#to.wrapper instanceof ShamirWrapper) this.#to.wrapper.setKey(key);
    await this.#moveStoredKeys();
    // Upstream leaves the entry of older shares, with which the next rotation of the root key shuts everybody out.
    await writeShamirKek(barrier, key);
  }

  async #moveStoredKeys(): Promise<void> {
    const keys = await doing('error getting stored keys to set on new seal', () => this.from.storedKeys());
    await doing('error setting new barrier key information during migrate', () => this.#to.storeKeys(keys));
  }

  async #writeConfigs(): Promise<void> {
    const authority = await this.from.authorityConfig();
    if (authority === undefined) throw failure('recovery seal configuration not found for existing seal');
    const to = this.#to;
    const barrier = to.auto ? sealConfig(to.type, 1, 1) : authority;
    await doing('error storing barrier config after migration', () => to.writeBarrierConfig(barrier));
    await doing('error storing recovery config after migration', () =>
      to.auto ? to.writeRecoveryConfig(authority) : to.deleteRecoveryConfig(),
    );
  }

  #key(): Uint8Array {
    if (this.#unsealKey === undefined) throw failure('no unseal key was given for the seal migration');
    return this.#unsealKey;
  }
}

async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || (error.constructor !== Error && error.name !== 'Fault')) throw error;
    throw new Error(`${what}: ${error.message}`, { cause: error });
  }
}

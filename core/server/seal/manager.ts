/** A node's seal: from nothing to initialised, from sealed to open, and every change of its keys. No HTTP in here. */
import { coded, Fault, failure } from '../../fault.ts';
import { Mutex } from '../../mutex.ts';
import type { Scope } from '../../scope.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import {
  isInitialised,
  readShamirKek,
  reloadKeyring,
  reloadRootKey,
  sealBarrier,
  unsealBarrier,
} from '../../storage/barrier/lifecycle.ts';
import { checkUpgrade } from '../../storage/barrier/rotation.ts';
import type { Storage } from '../../storage/storage.ts';
import {
  checkInitParameters,
  initialise,
  makeKeys,
  type InitParameters,
  type InitResult,
  type InitSteps,
} from './init.ts';
import { rotateBarrierKey } from './key-rotation.ts';
import { Migration } from './migration.ts';
import { forRoot, RootGeneration } from './root-generation.ts';
import { rekeyWords, type RotationWords } from './rotation-words.ts';
import { rotateRoot, RootRotation } from './root-rotation.ts';
import { Seal } from './seal.ts';
import type { SealConfig } from './seal-config.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';
import { checkShareLength, InvalidKey } from './share.ts';
import { UnsealProgress, unsealKeyToRootKey } from './unseal.ts';
import type { SealWrapper } from './wrapper.ts';

/** The seal's part of `sys/seal-status`. */
export interface SealState {
  readonly type: string;
  readonly initialised: boolean;
  readonly sealed: boolean;
  readonly threshold: number;
  readonly shares: number;
  readonly progress: number;
  readonly nonce: string;
  /** True for auto seals, whose shares are recovery keys ('shamir'). */
  readonly recoverySeal: boolean;
  /** The storage still has to be moved from another seal to this one. */
  readonly migration: boolean;
}

/** A node that joins a raft cluster borrows the leader's configuration and gives the combined key back to the join. */
export interface Joining {
  readonly config: SealConfig;
  /** Resolves when the node has joined; rejects when the key was wrong. */
  answer(unsealKey: Uint8Array): Promise<void>;
}

/** Where the seal of a namespace keeps what it needs. */
export interface NamespaceStorage {
  /** Of the namespace. */
  readonly path: string;
  /** The namespace's part, as it lies on disk. */
  readonly physical: Storage;
  /** The same part behind the barrier of the namespace above. */
  readonly configs: Storage;
}

/** Where a seal stands, beside the barrier. */
export interface Origin {
  /** A namespace's seal has its entries elsewhere than a node's, and makes longer tokens. */
  readonly namespace?: NamespaceStorage;
  /** The seal that the configuration names as disabled, to migrate from. */
  readonly old?: SealWrapper;
}

export class SealManager {
  readonly barrier: Barrier;
  readonly seal: Seal;
  readonly rootRotation: RootRotation;
  readonly recoveryRotation: RootRotation;
  readonly rootGeneration: RootGeneration;
  readonly #rekeys: { readonly root: RootRotation; readonly recovery: RootRotation };
  readonly #progress: UnsealProgress;
  /** Upstream's state lock, as far as the seal needs it. */
  readonly #state = new Mutex();
  readonly #keys = new Mutex();
  readonly #old: SealWrapper | undefined;
  /** The node's own seal, not a namespace's. */
  readonly #isNode: boolean;
  #joining: Joining | undefined;
  #migration: Migration | undefined;
  /** Opened by the seal that is to be left, whose split is shown until the node sets itself up. */
  #openedByOld = false;

  constructor(barrier: Barrier, wrapper: SealWrapper, { namespace, old }: Origin = {}) {
    const { runtime } = barrier;
    this.barrier = barrier;
    this.seal = new Seal(runtime, namespace?.physical ?? barrier.physical, wrapper, namespace?.configs);
    this.#old = old;
    this.#isNode = namespace === undefined;
    const { path = '' } = namespace ?? {};
    const rotation = (recovery: boolean, words?: RotationWords): RootRotation =>
      new RootRotation(barrier, this.seal, recovery, this.#keys, { namespace: path, ...(words && { words }) });
    this.rootRotation = rotation(false);
    this.recoveryRotation = rotation(true);
    this.#rekeys = { root: rotation(false, rekeyWords(false)), recovery: rotation(true, rekeyWords(true)) };
    this.rootGeneration = new RootGeneration(
      barrier,
      this.seal,
      forRoot(barrier, namespace === undefined ? 26 : 26 + 7),
    );
    this.#progress = new UnsealProgress(runtime);
  }

  /** When the process starts: whether the storage is sealed otherwise than configured. Throws a Fault where no way leads. */
  async findMigration(): Promise<void> {
    this.#migration = await Migration.find(this.barrier, this.seal, this.#old);
  }

  /** Nothing opens by itself while the seal is to be changed. */
  get opensItself(): boolean {
    return this.seal.auto && this.#migration === undefined;
  }

  /** At post-unseal: what was cached while sealed is read again. */
  begin(): void {
    this.#openedByOld = false;
    this.seal.forgetConfigs();
  }

  /** On the active node, before anything is set up. */
  async migrate(): Promise<void> {
    await this.#migration?.perform(this.barrier);
  }

  /** Whether there is a keyring and a seal configuration, or a cluster to join that has them. `told`: that there is none. */
  async initialised(told = this.#isNode): Promise<boolean> {
    if (this.#joining !== undefined) return true;
    const { log } = this.barrier.runtime;
    if (!(await isInitialised(this.barrier))) {
      if (told) log.write('info', 'core', 'security barrier not initialized');
      return false;
    }
    if ((this.barrier.sealed || this.#openedByOld) && (await this.#pending()) !== undefined) return true;
    if ((await this.seal.barrierConfig()) === undefined) {
      throw failure('core: barrier reports initialized but no seal configuration found');
    }
    return true;
  }

  async status(): Promise<SealState> {
    const initialised = await this.initialised();
    if (!initialised && this.#isNode) {
      this.barrier.runtime.log.write('info', 'core', 'seal configuration missing, not initialized');
    }
    const pending = await this.#pending();
    // A node that stands by has forgotten what opened it, and refuses (above) until the migration is performed.
    const borrowed = this.barrier.sealed || this.#openedByOld;
    const source = pending !== undefined && borrowed ? pending : this.seal;
    const config = this.#joining?.config ?? (initialised ? await source.authorityConfig() : undefined);
    return {
      type: this.seal.type,
      initialised,
      sealed: this.barrier.sealed,
      threshold: config?.threshold ?? 0,
      shares: config?.shares ?? 0,
      progress: this.#progress.count,
      nonce: this.#progress.nonce,
      recoverySeal: this.seal.auto,
      migration: pending !== undefined,
    };
  }

  /** Leaves the barrier sealed; the node then unseals as after a start. Faults carry status 400. */
  async initialise(parameters: InitParameters, steps: InitSteps): Promise<InitResult> {
    const splits = checkInitParameters(this.seal, parameters, this.barrier.runtime);
    return this.#state.run(async () => {
      if (await this.initialised()) throw coded(400, 'Vault is already initialized');
      return initialise(this.barrier, this.seal, splits, steps);
    });
  }

  /** A new namespace's keys; its barrier is open then. The shares, encrypted where PGP keys were given. */
  initialiseNamespace(config: SealConfig): Promise<readonly Uint8Array[]> {
    return this.#state.run(() => makeKeys(this.barrier, this.seal, config));
  }

  /**
   * One share towards unsealing. True when it opened the barrier (the node goes on from there), or when a join has
   * been answered with it; false while shares are missing and when the node was open already.
   */
  submitShare(share: Uint8Array, options: { migrate?: boolean } = {}): Promise<boolean> {
    return this.#state.run(async () => {
      const migrate = options.migrate === true;
      if (this.#isNode) this.barrier.runtime.log.write('debug', 'core', 'unseal key supplied', { migrate });
      const migration = await this.#asked(migrate);
      try {
        return await this.#addShare(share, migration);
      } catch (error) {
        // Keys that do not fit are the client's mistake; everything else is ours.
        if (error instanceof InvalidKey || (error instanceof Fault && clientMistakes.has(error.message))) {
          throw coded(400, error.message);
        }
        throw error;
      }
    });
  }

  /** Forgets the shares given so far. Throws 400 on an open node. */
  resetShares(): void {
    if (!this.barrier.sealed) throw coded(400, 'vault is unsealed');
    this.#progress.reset();
  }

  /** Auto seals: opens the barrier with the stored key. True when it did. The node calls it every 5 s until then. */
  tryStoredKeys(): Promise<boolean> {
    if (!this.seal.auto) return Promise.resolve(false);
    return this.#state.run(async () => {
      const { log } = this.barrier.runtime;
      if (!this.barrier.sealed) {
        this.tellUnsealed();
        return false;
      }
      log.write('info', 'core', 'stored unseal keys supported, attempting fetch');
      const keys = await doing('fetching stored unseal keys failed', () => this.seal.storedKeys());
      if (keys.length === 0) {
        throw failure('stored unseal keys are supported, but none were found: is the server initialized?');
      }
      if (keys.length !== 1) throw failure('expected exactly one stored key');
      await doing('unseal with stored key failed', () => unsealBarrier(this.barrier, keys[0]!));
      return true;
    });
  }

  /** There is nothing for stored keys to open. */
  tellUnsealed(): void {
    const { log } = this.barrier.runtime;
    log.write('warn', 'core', 'attempted unseal with stored keys, but vault is already unsealed');
  }

  /** While set, shares go to the join instead of the barrier, which has no storage yet. */
  joinWith(joining: Joining | undefined): void {
    this.#joining = joining;
    this.#progress.reset();
  }

  /** Closes the barrier and forgets what was going on. */
  sealNode(): void {
    this.abandon();
    sealBarrier(this.barrier);
  }

  /** Rotations and root generations live on the active node only and die with its term of office. */
  abandon(): void {
    this.rootRotation.cancel();
    this.recoveryRotation.cancel();
    this.#rekeys.root.cancel();
    this.#rekeys.recovery.cancel();
    this.rootGeneration.cancel();
  }

  /**
   * What a node does with its keys when it becomes active, because another may have changed them: terms, root key,
   * keyring, configurations, and the key that the shares make. Rejects when its keys no longer fit; the node has to
   * seal itself then. Purge the cache before.
   */
  async refresh(): Promise<void> {
    const { barrier, seal } = this;
    await doing('error checking for key upgrades', async () => {
      for (let term = await checkUpgrade(barrier); term !== undefined; term = await checkUpgrade(barrier)) {
        barrier.runtime.log.write('info', 'core', 'upgraded to new key term', { term });
      }
    });
    await doing('error reloading root key', () => reloadRootKey(barrier));
    await doing('error reloading keyring', () => reloadKeyring(barrier));
    seal.forgetConfigs();
    if (!(seal.wrapper instanceof ShamirWrapper)) return;
    const kek = await readShamirKek(barrier);
    if (kek !== undefined) seal.wrapper.setKey(kek);
  }

  /** At post-unseal on the active node: auto seals wrap again what an older key had wrapped. A failure is only logged. */
  async upgradeKeys(): Promise<void> {
    try {
      await this.seal.upgradeKeys();
    } catch (error) {
      this.barrier.runtime.log.write('warn', 'core', 'post-unseal upgrade seal keys failed', { error });
    }
  }

  /** `sys/rekey` and `sys/rekey-recovery-key`: as the rotations, by their older names. */
  rekey(recovery: boolean): RootRotation {
    return recovery ? this.#rekeys.recovery : this.#rekeys.root;
  }

  /** `sys/rotate`: the new term. */
  rotateKey(options: { ha: boolean; scope: Scope }): Promise<number> {
    return this.#keys.run(() => rotateBarrierKey(this.barrier, options));
  }

  /** `sys/rotate/root`: another root key behind the same shares. */
  rotateRoot(): Promise<void> {
    return this.#keys.run(async () => {
      try {
        await rotateRoot(this.barrier, this.seal);
        this.barrier.runtime.log.write('info', 'core', 'barrier root key rotated');
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        throw failure(`failed to rotate barrier root key: ${error.message}`);
      }
    });
  }

  async #pending(): Promise<Migration | undefined> {
    return this.#migration === undefined || (await this.#migration.done()) ? undefined : this.#migration;
  }

  /** The migration that the client gives its share for. */
  async #asked(migrate: boolean): Promise<Migration | undefined> {
    if (!migrate) {
      const pending = await doing('error checking to see if seal is migrated', () => this.#pending());
      if (pending === undefined) return undefined;
      throw failure('migrate option not provided and seal migration is pending');
    }
    if (this.#migration === undefined) throw failure("can't perform a seal migration, no migration seal found");
    if (this.#joining !== undefined) throw failure("can't perform a seal migration while joining a raft cluster");
    this.barrier.runtime.log.write('info', 'core', 'unsealing using migration seal');
    return this.#migration;
  }

  async #addShare(share: Uint8Array, migration: Migration | undefined): Promise<boolean> {
    if (!(await this.initialised())) throw failure('Vault is not initialized');
    if (!this.barrier.sealed) return false;
    checkShareLength(share);
    const seal = migration?.from ?? this.seal;
    const config = this.#joining?.config ?? (await seal.authorityConfig());
    if (config === undefined) throw failure('Vault is not initialized');
    const before = this.#progress.count;
    const key = this.#progress.add(share, config);
    if (key === undefined) {
      const { count: keys, nonce } = this.#progress;
      const fields = { keys, threshold: config.threshold, nonce };
      if (keys > before) {
        this.barrier.runtime.log.write('debug', 'seals', 'cannot unseal namespace, not enough keys', fields);
      }
      return false;
    }
    if (this.#joining !== undefined) {
      // The node opens itself once the leader's storage has come.
      await this.#joining.answer(key);
      return false;
    }
    if (seal.auto) await verifyRecovery(seal, key);
    await this.#open(key, seal);
    migration?.authorise(key);
    this.#openedByOld = migration !== undefined;
    return true;
  }

  /** The storage of the cluster that the shares were given for has come. */
  openJoined(key: Uint8Array): Promise<void> {
    this.#joining = undefined;
    this.#progress.reset();
    return this.#open(key, this.seal);
  }

  async #open(key: Uint8Array, seal: Seal): Promise<void> {
    const rootKey = await unsealKeyToRootKey(seal, key);
    if (seal.wrapper instanceof ShamirWrapper) seal.wrapper.setKey(key);
    await unsealBarrier(this.barrier, rootKey);
  }
}

async function verifyRecovery(seal: Seal, key: Uint8Array): Promise<void> {
  try {
    await seal.verifyRecoveryKey(key);
  } catch (error) {
    throw new InvalidKey(`failed to verify recovery key: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const clientMistakes: ReadonlySet<string> = new Set(['Vault is not initialized', 'Unseal failed, invalid key']);

async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failure(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The keys of a mount: read once, kept, and changed one at a time. A change writes the archive first and the policy
 * after it, in one transaction where the storage has them, and is seen by others only when it is stored.
 */
import { failure, Fault, refuse } from '../../fault.ts';
import { Collection, collection } from '../../framework/collection.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { inTransaction, ReadOnly, type Reader, type Storage, type Writer } from '../../storage/storage.ts';
import { archived } from './archive.ts';
import { checkUsable, Ciphers } from './cipher.ts';
import type { KeyVersion } from './key-version.ts';
import { makeVersion } from './material.ts';
import { archiveForm, policyForm, type Archive, type Policy } from './policy.ts';

const policies = collection<Policy>('policy/', policyForm);
const archives = collection<Archive>('archive/', archiveForm);

type Store = Reader & Writer;

export class PolicyStore {
  readonly ciphers: Ciphers;
  readonly #context: BackendContext;
  readonly #cache = new Map<string, Policy>();
  readonly #locks = new KeyLocks();
  /** Counts what made a read outdated, so that a slow read does not bring an old policy back. */
  #changes = 0;
  /** How many policies are kept; 0: all. */
  #limit = 0;
  /** When keys are next looked through for rotation, wall micros. */
  nextRotationCheck = 0;

  constructor(context: BackendContext) {
    this.#context = context;
    this.ciphers = new Ciphers(context.runtime);
  }

  /** Undefined when there is no such key. */
  async get(name: string, storage: Storage): Promise<Policy | undefined> {
    const known = this.#cache.get(name);
    if (known !== undefined) return known;
    const before = this.#changes;
    const policy = await new Collection(policies, storage).get(name);
    if (policy !== undefined && before === this.#changes) this.#keep(policy);
    return policy;
  }

  /**
   * Makes the key unless it is there; `made` says which. `blank` has the settings of the new key, `reference` says which
   * key elsewhere it is.
   */
  async getOrMake(blank: Policy, storage: Storage, reference = ''): Promise<{ policy: Policy; made: boolean }> {
    const known = await this.get(blank.name, storage);
    if (known !== undefined) return { policy: known, made: false };
    return this.#locks.write(blank.name, async () => {
      const present = await this.get(blank.name, storage);
      if (present !== undefined) return { policy: present, made: false };
      const policy = await this.#stored(blank.name, storage, async (store) =>
        persist(await this.rotated(blank, reference), store),
      );
      return { policy, made: true };
    });
  }

  /** `change` gives what is to be stored, or the same policy when nothing is. Undefined when there is no such key. */
  async change(
    name: string,
    storage: Storage,
    change: (policy: Policy) => Policy | Promise<Policy>,
  ): Promise<Policy | undefined> {
    return this.#locks.write(name, async () => {
      const policy = await this.get(name, storage);
      if (policy === undefined) return undefined;
      const changed = await change(policy);
      return changed === policy ? policy : this.#stored(name, storage, (store) => persist(changed, store));
    });
  }

  /** As `change`, for what may not be there yet. */
  async put(
    name: string,
    storage: Storage,
    make: (present: Policy | undefined) => Policy | Promise<Policy>,
  ): Promise<Policy> {
    return this.#locks.write(name, async () => {
      const made = await make(await this.get(name, storage));
      return this.#stored(name, storage, (store) => persist(made, store));
    });
  }

  /** With an archive that comes along. */
  async restore(name: string, storage: Storage, make: (present: boolean) => [Policy, Archive]): Promise<void> {
    await this.#locks.write(name, async () => {
      const [policy, archive] = make((await this.get(name, storage)) !== undefined);
      await this.#stored(name, storage, async (store) => {
        if (archive.length > 0) await new Collection(archives, store).put(name, archive);
        try {
          return await persist(policy, store);
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          throw failure(`failed to restore the policy "${name}": ${error.message}`);
        }
      });
    });
  }

  async delete(name: string, storage: Storage): Promise<void> {
    await this.#locks.write(name, async () => {
      const policy = await this.get(name, storage);
      if (policy === undefined) throw refuse(`error deleting policy ${name}: could not delete key; not found`);
      if (!policy.deletionAllowed) {
        throw refuse(`error deleting policy ${name}: deletion is not allowed for this key`);
      }
      await inTransaction(storage, async (store) => {
        await new Collection(policies, store).delete(name);
        await new Collection(archives, store).delete(name);
      });
      this.invalidate(name);
    });
  }

  archive(name: string, storage: Storage): Promise<Archive | undefined> {
    return new Collection(archives, storage).get(name);
  }

  names(storage: Storage, page: { after?: string; limit?: number }): Promise<string[]> {
    return new Collection(policies, storage).list(page);
  }

  /** With one more version; `reference` says which key elsewhere it is. */
  async rotated(policy: Policy, reference = ''): Promise<Policy> {
    checkUsable(policy, failure);
    if (policy.imported && !policy.allowImportedKeyRotation) {
      throw failure(`imported key ${policy.name} does not allow rotation within Vault`);
    }
    // A standby would make a key only to find that it cannot store it.
    if (!this.#context.system.active) throw new ReadOnly();
    return withVersion({ ...policy, imported: false }, await makeVersion(this.#context.runtime, policy, reference));
  }

  /** What is stored was changed by somebody else, or a change failed. */
  invalidate(name: string): void {
    this.#changes++;
    this.#cache.delete(name);
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#shrink();
  }

  async #stored(name: string, storage: Storage, write: (store: Store) => Promise<Policy>): Promise<Policy> {
    try {
      const policy = await inTransaction(storage, write);
      this.#changes++;
      this.#keep(policy);
      return policy;
    } catch (error) {
      this.invalidate(name);
      throw error;
    }
  }

  #keep(policy: Policy): void {
    this.#cache.delete(policy.name);
    this.#cache.set(policy.name, policy);
    this.#shrink();
  }

  #shrink(): void {
    if (this.#limit === 0) return;
    for (const name of this.#cache.keys()) {
      if (this.#cache.size <= this.#limit) return;
      this.#cache.delete(name);
    }
  }
}

export function withVersion(policy: Policy, version: KeyVersion): Policy {
  const latestVersion = policy.latestVersion + 1;
  return { ...policy, latestVersion, keys: new Map([...policy.keys, [latestVersion, version]]) };
}

async function persist(changed: Policy, store: Store): Promise<Policy> {
  const stored = (await new Collection(archives, store).get(changed.name)) ?? [];
  const { policy, archive } = archived(changed, stored);
  if (archive !== undefined) await new Collection(archives, store).put(policy.name, archive);
  await new Collection(policies, store).put(policy.name, policy);
  return policy;
}

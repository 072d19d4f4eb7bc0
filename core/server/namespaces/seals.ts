/**
 * The keys of namespaces that have a seal of their own. They outlast a term of office: a standby keeps them, so that
 * it can open the namespaces when it becomes active. A sealed node forgets them all.
 */
import { HclError, parseHcl } from '../../codec/hcl.ts';
import type { HclItem } from '../../codec/hcl.ts';
import { failure, refuse } from '../../fault.ts';
import type { Namespace } from '../../framework/logical.ts';
import type { Runtime } from '../../runtime.ts';
import { Barrier } from '../../storage/barrier/barrier.ts';
import { unsealBarrier } from '../../storage/barrier/lifecycle.ts';
import { StorageView } from '../../storage/view.ts';
import { SealManager } from '../seal/manager.ts';
import { pgpEntity } from '../seal/pgp.ts';
import type { SealConfig } from '../seal/seal-config.ts';
import { sealConfig, validateSealConfig } from '../seal/seal-config.ts';
import { ShamirWrapper } from '../seal/shamir-wrapper.ts';
import type { NamespaceEntry } from './entry.ts';
import { namespacePrefix } from './realm.ts';

const configKey = 'core/seal-config';

export class NamespaceSeals {
  readonly #runtime: Runtime;
  /** By the namespace's uuid. */
  readonly #managers = new Map<string, SealManager>();
  /** What other nodes told, by uuid. */
  readonly #kept = new Map<string, Uint8Array>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /**
   * Of a namespace inside one whose barrier is `above`; undefined: it has no seal of its own. Open where the key is
   * known, unless it was sealed by hand.
   */
  async find(namespace: NamespaceEntry, above: Barrier): Promise<SealManager | undefined> {
    const known = this.#managers.get(namespace.uuid);
    const config = known === undefined ? await above.get(namespacePrefix(namespace) + configKey) : undefined;
    if (known === undefined && config === undefined) return undefined;
    const manager = known ?? this.make(namespace, above);
    if (namespace.manuallySealed) this.close(namespace);
    else if (manager.barrier.sealed) await this.openKept(namespace);
    else await this.#follow(namespace, manager);
    return manager;
  }

  /** Another node may have changed the keys meanwhile. */
  async #follow(namespace: Namespace, manager: SealManager): Promise<void> {
    try {
      await manager.refresh();
    } catch (error) {
      this.#runtime.log.write('error', 'namespace', 'keys of a namespace no longer fit', { error });
      this.close(namespace);
    }
  }

  /** Its entries lie under the namespace's prefix; who may open it is the secret of the namespace above. */
  make(namespace: Namespace, above: Barrier): SealManager {
    const prefix = namespacePrefix(namespace);
    const barrier = new Barrier(this.#runtime, above.physical, prefix, above);
    const manager = new SealManager(barrier, new ShamirWrapper(this.#runtime), {
      namespace: {
        path: namespace.path,
        physical: new StorageView(above.physical, prefix),
        configs: new StorageView(above, prefix),
      },
    });
    this.#managers.set(namespace.uuid, manager);
    return manager;
  }

  close({ uuid }: Namespace): void {
    this.#managers.get(uuid)?.sealNode();
    this.#kept.delete(uuid);
  }

  drop(namespace: Namespace): void {
    this.close(namespace);
    this.#managers.delete(namespace.uuid);
  }

  /** The node seals. */
  sealAll(): void {
    for (const manager of this.#managers.values()) manager.sealNode();
    this.#managers.clear();
    this.#kept.clear();
  }

  /** Root generations and rotations end with the term of office. */
  abandon(): void {
    for (const manager of this.#managers.values()) manager.abandon();
  }

  // ---- what nodes tell each other

  /** Of the open ones, and those that were kept, by uuid. */
  rootKeys(): Map<string, Uint8Array> {
    const keys = new Map(this.#kept);
    for (const [uuid, { barrier }] of this.#managers) if (!barrier.sealed) keys.set(uuid, barrier.keyring.rootKey);
    return keys;
  }

  /** Keys that another node knew: for when the namespaces are known here. */
  keep(keys: ReadonlyMap<string, Uint8Array>): void {
    for (const [uuid, key] of keys) this.#kept.set(uuid, key);
  }

  /** Opens a namespace with the key that was kept for it. */
  async openKept({ uuid }: Namespace): Promise<void> {
    const key = this.#kept.get(uuid);
    const manager = this.#managers.get(uuid);
    if (key === undefined || manager === undefined) return;
    try {
      await unsealBarrier(manager.barrier, key);
    } catch (error) {
      this.#runtime.log.write('warn', 'namespace', 'a key from another node does not fit', { error });
      this.#kept.delete(uuid);
    }
  }
}

/** `seal "shamir" { shares = 5 threshold = 3 }`, or the same in JSON. */
export function parseNamespaceSeal(text: string, pgpKeys: readonly string[], runtime: Runtime): SealConfig {
  const stanzas = stanzasOf(text);
  const [stanza] = stanzas;
  if (stanza === undefined || stanzas.length > 1) throw failure('seal config must contain exactly one seal stanza');
  if (stanza.keys[1]?.text.toLowerCase() !== 'shamir') throw failure('namespaces currently only support shamir seals');
  const number = (name: string): number => {
    const items = stanza.value.kind === 'object' ? stanza.value.items : [];
    const value = items.find(({ keys }) => keys[0]?.text === name)?.value;
    return value?.kind === 'literal' ? Number(value.value) : 0;
  };
  const config = { ...sealConfig('shamir', number('shares'), number('threshold')), pgpKeys };
  try {
    validateSealConfig(config, (key) => void pgpEntity(key, runtime));
  } catch (error) {
    throw refuse(`invalid seal config: ${error instanceof Error ? error.message : String(error)}`);
  }
  return config;
}

function stanzasOf(text: string): HclItem[] {
  try {
    return parseHcl(text).items.filter(({ keys }) => keys[0]?.text.toLowerCase() === 'seal');
  } catch (error) {
    if (error instanceof HclError) throw failure(`unable to parse seal config: ${error.message}`);
    throw error;
  }
}

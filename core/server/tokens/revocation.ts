/** Ends tokens: each step is a write of its own, so that a crash leaves a marked token that is finished later. */
import type { Storage } from '../../storage/storage.ts';
import type { ServiceContext } from '../services.ts';
import { TreePath } from './tree-path.ts';
import type { TokenStore } from './store.ts';

export class Revocation {
  readonly #context: ServiceContext;
  readonly #store: TokenStore;
  /** Revocations under way; a second one waits for the first. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(context: ServiceContext, store: TokenStore) {
    this.#context = context;
    this.#store = store;
  }

  /** One token; its children become orphans, or with `keepChildren` stay as they are. */
  async one(name: string, keepChildren = false): Promise<void> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const work = this.#revoke(name, keepChildren);
    this.#running.set(name, work);
    try {
      await work;
    } finally {
      this.#running.delete(name);
    }
  }

  async #revoke(name: string, keepChildren: boolean): Promise<void> {
    const entry = await this.#store.markRevoking(name);
    if (entry === undefined) return;
    await this.#clearCubbyhole(entry.cubbyholeId);
    await this.#context.services.leases.revokeByToken(entry);
    await this.#store.removeIndexes(name, entry);
    if (!keepChildren) {
      for (const child of await this.#store.children(name)) {
        await this.#store.orphan(child);
        await this.#store.unlinkChild(name, child);
      }
    }
    await this.#store.remove(name);
    this.#context.runtime.trace({ kind: 'token.revoked', accessor: entry.accessor });
  }

  /** Depth first, children before parents. */
  async tree(root: string): Promise<void> {
    const path = new TreePath(root);
    for (let name = path.top(); name !== undefined; name = path.top()) {
      const children = (await this.#store.children(name)).filter((child) => !path.visited(child));
      if (children.length > 0) path.push(children);
      else {
        await this.one(name, true);
        path.pop();
      }
    }
  }

  async #clearCubbyhole(folder: string): Promise<void> {
    const storage = this.#context.mounts.match('cubbyhole/')?.storage;
    if (folder !== '' && storage !== undefined) await clear(storage, `${folder}/`);
  }
}

async function clear(storage: Storage, prefix: string): Promise<void> {
  for (const name of await storage.list(prefix)) {
    if (name.endsWith('/')) await clear(storage, prefix + name);
    else await storage.delete(prefix + name);
  }
}

/** Ends tokens: each step is a write of its own, so that a crash leaves a marked token that is finished later. */
import type { Storage } from '../../storage/storage.ts';
import { bareId, inNamespace, namespaceIdOf } from '../namespaces/ids.ts';
import type { ServiceContext, TokenKin } from '../services.ts';
import { TreePath } from './tree-path.ts';
import type { TokenStore } from './store.ts';

export class Revocation implements TokenKin {
  readonly #context: ServiceContext;
  readonly #store: TokenStore;
  /** Revocations under way; a second one waits for the first. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(context: ServiceContext, store: TokenStore) {
    this.#context = context;
    this.#store = store;
  }

  /** One token; its children become orphans, or with `keepChildren` stay as they are. */
  async end(name: string, keepChildren = false): Promise<void> {
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
        await this.#kinOf(child)?.orphan(bareId(child));
        await this.#store.unlinkChild(name, child);
      }
    }
    await this.#store.remove(name);
    this.#context.runtime.trace({ kind: 'token.revoked', accessor: entry.accessor, name });
  }

  children(name: string): Promise<string[]> {
    return this.#store.children(name);
  }

  orphan(name: string): Promise<void> {
    return this.#store.orphan(name);
  }

  /** Depth first, children before parents, in whatever namespaces they are. */
  async tree(root: string): Promise<void> {
    const path = new TreePath(inNamespace(root, this.#context.namespace));
    for (let name = path.top(); name !== undefined; name = path.top()) {
      const kin = this.#kinOf(name);
      const found = (await kin?.children(bareId(name))) ?? [];
      const children = found.filter((child) => !path.visited(child));
      if (children.length > 0) path.push(children);
      else {
        await kin?.end(bareId(name), true);
        path.pop();
      }
    }
  }

  /** Undefined: the namespace is gone, and its tokens with it. */
  #kinOf(name: string): TokenKin | undefined {
    const home = this.#context.in(namespaceIdOf(name));
    return home === this.#context ? this : home?.services.tokens.kin;
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

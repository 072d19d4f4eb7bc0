/**
 * The HA lock on integrated storage (facts §3.2): holding it is being raft's leader and having written `core/lock`.
 * It does not expire, so its value may be a dead leader's.
 */
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { Scope } from '../../scope.ts';
import type { RaftBackend } from './backend.ts';

export class RaftLock {
  readonly #backend: RaftBackend;
  readonly #key: string;
  readonly #value: string;

  constructor(backend: RaftBackend, key: string, value: string) {
    this.#backend = backend;
    this.#key = key;
    this.#value = value;
  }

  /**
   * Waits until this node is leader. Resolves with a scope that is cancelled when leadership is lost, or with undefined
   * when `stop` was cancelled first. Rejects when the lock's value could not be written; the caller tries again later.
   */
  async lock(stop: Scope): Promise<Scope | undefined> {
    if (!(await this.#backend.whenStarted(stop))) return undefined;
    const { news } = this.#backend;
    while (!this.#backend.raft.isLeader()) {
      const leader = await news.next(stop);
      if (leader === undefined) return undefined;
      if (leader) break;
    }
    await this.#backend.put(this.#key, encodeUtf8(this.#value));
    const held = new Scope();
    void watch();
    return held;

    async function watch(): Promise<void> {
      for (;;) {
        const leader = await news.next(stop);
        if (leader === undefined) return;
        if (leader) continue;
        held.cancel(new Error('leadership lost'));
        return;
      }
    }
  }

  /** Hands leadership to another voter; rejects when there is none to take it. */
  async unlock(): Promise<void> {
    if (this.#backend.running) await this.#backend.raft.transferLeadership();
  }

  /** Who is leader, or was last. */
  async value(): Promise<string | undefined> {
    const value = await this.#backend.get(this.#key);
    return value === undefined ? undefined : decodeUtf8(value);
  }
}

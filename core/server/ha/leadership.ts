/** One attempt at being active: the lock, and the row that tells the others who holds it. */
import { Backoff } from '../../backoff.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { type Micros, MILLISECOND, type NodeIdentity, type Random, SECOND } from '../../runtime.ts';
import type { Scope } from '../../scope.ts';
import { pause } from '../../ticker.ts';
import type { HaNode } from '../ha-port.ts';
import { LEADER_PREFIX, LOCK_PATH, printAdvertisement } from './advertisement.ts';

const LOCK_RETRY_MAXIMUM: Micros = 10 * SECOND;
const FIRST_RETRY: Micros = 15 * MILLISECOND;
const LEADER_CLEANUP_PAUSE: Micros = 200 * MILLISECOND;

export interface HaLock {
  /** Resolves when held, with a scope that ends when the lock is lost; with undefined when `stop` ends first. */
  lock(stop: Scope): Promise<Scope | undefined>;
  unlock(): Promise<void>;
  value(): Promise<string | undefined>;
}

/** Between attempts. */
export const lockBackoff = (random: Random): Backoff => new Backoff(random, FIRST_RETRY, LOCK_RETRY_MAXIMUM);

export class Leadership {
  /** The lock's value. */
  readonly uuid: string;
  readonly #node: HaNode;
  readonly #lock: HaLock;

  constructor(node: HaNode, lockWith: (key: string, value: string) => HaLock) {
    this.#node = node;
    this.uuid = makeUuid((length) => node.runtime.random.bytes(length));
    this.#lock = lockWith(LOCK_PATH, this.uuid);
  }

  /** As `HaLock.lock`, however often it fails. */
  async acquire(stop: Scope): Promise<Scope | undefined> {
    const { clock, log, random } = this.#node.runtime;
    const backoff = lockBackoff(random);
    for (;;) {
      try {
        return await this.#lock.lock(stop);
      } catch (error) {
        log.write('error', 'core', 'failed to acquire lock', { error });
        if (!(await pause(clock, backoff.next(), stop))) return undefined;
      }
    }
  }

  /** What earlier active nodes left behind goes in the background, until `lost`. */
  async advertise(identity: NodeIdentity, lost: Scope): Promise<void> {
    const { barrier, apiAddr, clusterAddr } = this.#node;
    const text = printAdvertisement({ apiAddress: apiAddr, clusterAddress: clusterAddr, identity });
    await barrier.put(LEADER_PREFIX + this.uuid, encodeUtf8(text));
    void this.#cleanLeaders(lost);
  }

  /** The advertisement goes, then the lock. */
  async letGo(): Promise<void> {
    const { barrier, runtime } = this.#node;
    try {
      await barrier.delete(LEADER_PREFIX + this.uuid);
    } catch (error) {
      runtime.log.write('error', 'core', 'clearing leader advertisement failed', { error });
    }
    await this.unlock();
  }

  async unlock(): Promise<void> {
    try {
      await this.#lock.unlock();
    } catch (error) {
      this.#node.runtime.log.write('error', 'core', 'unlocking HA lock failed', { error });
    }
  }

  async #cleanLeaders(lost: Scope): Promise<void> {
    const { barrier, runtime } = this.#node;
    try {
      for (const old of await barrier.list(LEADER_PREFIX)) {
        if (!(await pause(runtime.clock, LEADER_CLEANUP_PAUSE, lost))) return;
        if (old !== this.uuid) await barrier.delete(LEADER_PREFIX + old);
      }
    } catch (error) {
      runtime.log.write('error', 'core', 'failed to list entries in core/leader', { error });
    }
  }
}

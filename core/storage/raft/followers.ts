/** What the leader knows of its followers, from their Echo calls (facts §2.7). */
import type { Clock, Micros } from '../../runtime.ts';

export interface Echo {
  readonly nodeId: string;
  readonly appliedIndex: number;
  readonly term: number;
  readonly desiredSuffrage: string;
  readonly version: string;
  readonly upgradeVersion: string;
}

export interface FollowerState extends Echo {
  /** Monotonic. */
  readonly lastHeartbeat: Micros;
  dead: boolean;
}

export class FollowerStates {
  readonly #clock: Clock;
  readonly #followers = new Map<string, FollowerState>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new leader knows of its peers from the configuration, and takes them for alive. */
  reset(peers: readonly string[]): void {
    this.#followers.clear();
    for (const nodeId of peers) {
      this.update({ nodeId, appliedIndex: 0, term: 0, desiredSuffrage: 'voter', version: '', upgradeVersion: '' });
    }
  }

  update(echo: Echo): void {
    this.#followers.set(echo.nodeId, { ...echo, lastHeartbeat: this.#clock.monotonic(), dead: false });
  }

  delete(nodeId: string): void {
    this.#followers.delete(nodeId);
  }

  get(nodeId: string): FollowerState | undefined {
    return this.#followers.get(nodeId);
  }

  all(): Iterable<FollowerState> {
    return this.#followers.values();
  }

  /** The lowest applied index; undefined without followers. */
  lowestIndex(): number | undefined {
    let lowest: number | undefined;
    for (const { appliedIndex } of this.#followers.values()) {
      lowest = lowest === undefined ? appliedIndex : Math.min(lowest, appliedIndex);
    }
    return lowest;
  }

  /** Marks those that were not heard of for longer than `threshold`. */
  markDead(threshold: Micros): void {
    const now = this.#clock.monotonic();
    for (const follower of this.#followers.values()) if (now - follower.lastHeartbeat > threshold) follower.dead = true;
  }
}

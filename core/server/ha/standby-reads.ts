/** Reads on a standby: set up, built again when what they stand on is gone, and given up while it is active (facts §3.5). */
import { Backoff } from '../../backoff.ts';
import { type Micros, MILLISECOND, SECOND } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import type { Permits } from '../../storage/permits.ts';
import { pause } from '../../ticker.ts';
import type { HaNode } from '../ha-port.ts';
import type { Invalidations } from './invalidations.ts';

const FIRST_RETRY: Micros = 15 * MILLISECOND;
const RETRY_MAXIMUM: Micros = SECOND;

const NOBODY_KNOWN =
  'skipping invalidation streaming as no GRPC client is present; this is required for read-only standby node operation; ensure valid cluster_addr and connectivity';

/** Of storage that does not tell changes by itself: they are heard from the active node. */
export interface Listening {
  /** False while nobody is known who could tell anything; rejects when nobody does. */
  begin(): Promise<boolean>;
  /** Whether all is known that is in the storage by now. */
  catchUp(): Promise<boolean>;
  end(): void;
}

export class StandbyReads {
  readonly #node: HaNode;
  /** Held during each change of the node's state. */
  readonly #changes: Permits;
  readonly #invalidations: Invalidations;
  readonly #stop: Scope;
  readonly #listening: Listening | undefined;
  #allowed = true;
  #onAllowed: (() => void) | undefined;
  #reading: Scope | undefined;
  /** That nobody is known who could tell of changes; once is enough. */
  #told = false;

  constructor(node: HaNode, changes: Permits, invalidations: Invalidations, stop: Scope, listening?: Listening) {
    this.#node = node;
    this.#changes = changes;
    this.#invalidations = invalidations;
    this.#stop = stop;
    this.#listening = listening;
    stop.onCancel(() => {
      this.#onAllowed?.();
      listening?.end();
    });
  }

  /** Not from the moment the node holds the lock until it has let go. */
  allow(allowed: boolean): void {
    this.#allowed = allowed;
    if (allowed) this.#onAllowed?.();
  }

  /** What the reads stand on has changed: they are set up again, unless that is not allowed now. */
  restart(): void {
    this.#reading?.cancel();
    this.#listening?.end();
  }

  /** Until the node stops. */
  async run(): Promise<void> {
    const { clock, random, log } = this.#node.runtime;
    const backoff = new Backoff(random, FIRST_RETRY, RETRY_MAXIMUM);
    while (!this.#stop.cancelled) {
      if (!this.#allowed) {
        await new Promise<void>((resolve) => {
          this.#onAllowed = resolve;
        });
        this.#onAllowed = undefined;
        // Upstream looks about once a second whether it may again.
        await pause(clock, random.below(RETRY_MAXIMUM), this.#stop);
        continue;
      }
      log.write('trace', 'core', 'starting read-enabled standby loop iteration');
      log.write('trace', 'core', 'attempting state lock acquisition before read-enabled standby setup');
      const reading = (await this.#hears()) ? await this.#enable() : undefined;
      if (reading === undefined) {
        this.#tellDone();
        await pause(clock, backoff.next(), this.#stop);
        continue;
      }
      backoff.reset();
      await new Promise<void>((resolve) => {
        reading.onCancel(() => resolve());
        this.#stop.onCancel(() => resolve());
      });
      this.#reading = undefined;
      await this.#disable();
      this.#tellDone();
    }
  }

  #tellDone(): void {
    this.#node.runtime.log.write('trace', 'core', 'done with read-enabled standby loop iteration');
  }

  async #hears(): Promise<boolean> {
    const { log } = this.#node.runtime;
    if (this.#listening === undefined) return true;
    log.write('debug', 'core', 'setting up GRPC-backed streaming of invalidations');
    try {
      const known = await this.#listening.begin();
      if (!known && !this.#told) log.write('error', 'core', NOBODY_KNOWN);
      this.#told = !known;
      return known;
    } catch (error) {
      const err = error instanceof Error ? error.message : String(error);
      log.write('error', 'core', 'failed to begin streaming invalidations', { err });
      return false;
    }
  }

  /** Undefined when it failed, or is not the time for it. */
  async #enable(): Promise<Scope | undefined> {
    const { log } = this.#node.runtime;
    await this.#changes.acquire();
    try {
      if (!this.#allowed || this.#stop.cancelled) return undefined;
      this.#invalidations.hold(true);
      await this.#node.enableReads();
      this.#invalidations.hold(false);
      if (this.#listening !== undefined && !(await this.#caughtUp(this.#listening))) return undefined;
      this.#reading = new Scope();
      log.write('trace', 'core', 'awaiting end of standby mode');
      return this.#reading;
    } catch (error) {
      log.write('error', 'core', 'read-only post-unseal setup failed', { error });
      return undefined;
    } finally {
      this.#invalidations.hold(false);
      this.#changes.release();
    }
  }

  /** Otherwise reads are off again: who asked with an index while they were was not told that it has to be heard of. */
  async #caughtUp(listening: Listening): Promise<boolean> {
    const known = await listening.catchUp().catch(() => false);
    if (!known) await this.#node.disableReads();
    return known;
  }

  async #disable(): Promise<void> {
    await this.#changes.acquire();
    try {
      if (this.#allowed && !this.#stop.cancelled) await this.#node.disableReads();
    } finally {
      this.#changes.release();
    }
  }
}

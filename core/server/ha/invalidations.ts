/**
 * What tells a standby that the active node changed something: the keys of each applied batch, worked off beside the
 * log and not in step with it, so that a read may still see the old value although the index is there (facts §3.6).
 */
import type { Runtime } from '../../runtime.ts';

/** Upstream has a queue for each namespace and for what is the node's own; here there is one. */
const ONE_QUEUE = '00000000-0000-0000-0000-000000000000';

export class Invalidations {
  readonly #runtime: Runtime;
  readonly #work: (keys: readonly string[]) => Promise<void>;
  readonly #fatal: (error: unknown) => void;
  #pending: string[] = [];
  #index = 0;
  /** When the oldest of the pending keys came, monotonic. */
  #since = 0;
  #running = false;
  #enabled = false;
  #held = false;
  #idle: (() => void)[] = [];

  /** `work` rejects when what the standby built on is no longer true; `fatal` then has it built again. */
  constructor(runtime: Runtime, work: (keys: readonly string[]) => Promise<void>, fatal: (error: unknown) => void) {
    this.#runtime = runtime;
    this.#work = work;
    this.#fatal = fatal;
  }

  /** Keys that come while it is disabled are forgotten: the next set-up reads everything anew. */
  enable(enabled: boolean): void {
    this.#enabled = enabled;
    if (!enabled) this.#pending = [];
    this.#rest();
  }

  /** While held, keys gather: the set-up that they would change is being made. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#kick();
  }

  add(keys: readonly string[], index: number): void {
    if (!this.#enabled) return;
    if (this.#pending.length === 0) this.#since = this.#runtime.metrics?.now() ?? 0;
    for (const key of keys) this.#pending.push(key);
    this.#index = index;
    this.#kick();
  }

  /** Resolves when nothing is left of what was added so far. */
  async idle(): Promise<void> {
    if (this.#running || this.#pending.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #rest(): void {
    if (this.#running || this.#pending.length > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resume of idle) resume();
  }

  #kick(): void {
    if (this.#running || this.#held || this.#pending.length === 0) return;
    this.#running = true;
    // At least one event later than the batch that it belongs to.
    this.#runtime.clock.after(0, () => void this.#run());
  }

  async #run(): Promise<void> {
    try {
      while (this.#pending.length > 0 && !this.#held) {
        const keys = this.#pending;
        this.#pending = [];
        this.#runtime.trace({ kind: 'storage.invalidate', keys: keys.length, index: this.#index });
        const { metrics } = this.#runtime;
        metrics?.sample('vault.invalidate-dispatch.enqueue-pending', (metrics.now() - this.#since) / 1_000);
        const dequeued = 'vault.invalidate-dispatch.pending-dequeue-size';
        metrics?.gauge(dequeued, keys.length, { cluster: metrics.cluster });
        metrics?.count(dequeued, keys.length, { cluster: metrics.cluster });
        const work = (): Promise<void> => this.#work(keys);
        await (metrics === undefined ? work() : metrics.time('vault.invalidate-dispatch.execute-invalidate', work));
        metrics?.gauge('vault.invalidate-dispatch.job_manager.total_jobs', this.#pending.length, {
          cluster: metrics.cluster,
        });
        metrics?.gauge('vault.invalidate-dispatch.job_manager.queue_length', this.#pending.length, {
          cluster: metrics.cluster,
          queue_id: ONE_QUEUE,
        });
      }
    } catch (error) {
      this.#pending = [];
      this.#runtime.log.write('error', 'core.invalidate-dispatch', 'failed to invalidate', { error });
      this.#fatal(error);
    } finally {
      this.#running = false;
      this.#rest();
    }
  }
}

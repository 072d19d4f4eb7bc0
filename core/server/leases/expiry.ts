/** When leases end by themselves: deadlines, the workers that revoke, retries, and leases that are given up. */
import { formatDuration } from '../../codec/duration.ts';
import type { Micros } from '../../runtime.ts';
import type { Labels } from '../../telemetry/metrics.ts';
import { namespaceLabel } from '../namespaces/label.ts';
import type { Irrevocable, ServiceContext } from '../services.ts';
import { IRREVOCABLE_RETRY, MAX_ATTEMPTS, isUnrecoverable, retryDelay, shortError } from './backoff.ts';
import { Deadlines } from './deadlines.ts';
import type { LeaseEntry } from './entry.ts';
import { FairQueue } from './fair-queue.ts';
import type { LeaseStore } from './lease-store.ts';
import { revocationWorkers } from './workers.ts';

export class Expiry {
  readonly #context: ServiceContext;
  readonly #store: LeaseStore;
  readonly #revoke: (leaseId: string) => Promise<void>;
  readonly #deadlines: Deadlines;
  readonly #queue: FairQueue;
  /** Failed revocations so far, of leases that have had any. */
  readonly #attempts = new Map<string, number>();
  readonly #irrevocable = new Map<string, { readonly error: string; readonly path: string }>();

  constructor(context: ServiceContext, store: LeaseStore, revoke: (leaseId: string) => Promise<void>) {
    this.#context = context;
    this.#store = store;
    this.#revoke = revoke;
    this.#queue = new FairQueue(revocationWorkers(context));
    this.#deadlines = new Deadlines(context.runtime.clock, (id) => this.#enqueue(id));
  }

  /** Wall micros; undefined when the lease has no deadline here. */
  at(leaseId: string): Micros | undefined {
    // A given-up lease waits for its next attempt; it ended long before.
    return this.#irrevocable.has(leaseId) ? undefined : this.#deadlines.at(leaseId);
  }

  known(leaseId: string): boolean {
    return this.#deadlines.at(leaseId) !== undefined;
  }

  schedule(entry: LeaseEntry, what: 'registered' | 'renewed' | 'restored'): void {
    const { leaseId, expireTime } = entry;
    this.#context.runtime.trace({ kind: 'lease', what, id: leaseId, ...(expireTime > 0 && { expires: expireTime }) });
    if (entry.revokeError !== '') this.#giveUp(entry);
    else if (expireTime > 0) this.#deadlines.set(leaseId, expireTime);
    else this.#deadlines.clear(leaseId);
  }

  /** The lease is no more. */
  forget(leaseId: string): void {
    this.#deadlines.clear(leaseId);
    this.#attempts.delete(leaseId);
    this.#irrevocable.delete(leaseId);
  }

  /** Wall micros, in no order; those that were given up are left out. */
  *expirations(): Iterable<Micros> {
    for (const [id, at] of this.#deadlines.all()) if (!this.#irrevocable.has(id)) yield at;
  }

  /** Jobs of a mount that wait for a worker, by its accessor: of all mounts that ever had one. */
  get queues(): ReadonlyMap<string, number> {
    return this.#queue.lengths;
  }

  /** Leases with a deadline. */
  get size(): number {
    return this.#deadlines.size;
  }

  irrevocable(): Irrevocable[] {
    return [...this.#irrevocable].map(([leaseId, { error, path }]) => ({ leaseId, error, path }));
  }

  /** A lease whose entry says that it ends now. */
  dueNow(entry: LeaseEntry): void {
    if (entry.revokeError === '') this.#deadlines.set(entry.leaseId, entry.expireTime);
  }

  stop(): void {
    this.#deadlines.stop();
    this.#queue.stop();
  }

  #enqueue(leaseId: string): void {
    const group = this.#context.mounts.match(leaseId)?.entry.accessor ?? '';
    const { metrics } = this.#context.runtime;
    const start = metrics?.now() ?? 0;
    this.#queue.add(group, () => {
      const labels = this.#labels();
      metrics?.since('vault.expire.lease_expiration.time_in_queue', start, labels);
      metrics?.count('vault.expire.lease_expiration', 1, labels);
      return this.#expire(leaseId);
    });
  }

  async #expire(leaseId: string): Promise<void> {
    try {
      const entry = await this.#store.load(leaseId);
      if (entry === undefined) return;
      // Renewed while it waited for a worker.
      if (entry.expireTime > this.#now() || entry.expireTime === 0) this.schedule(entry, 'restored');
      else await this.#revoke(leaseId);
    } catch (error) {
      if (!this.#context.scope.cancelled) await this.#failed(leaseId, error);
    }
  }

  async #failed(leaseId: string, error: unknown): Promise<void> {
    const attempts = (this.#attempts.get(leaseId) ?? 0) + 1;
    this.#attempts.set(leaseId, attempts);
    this.#context.runtime.trace({ kind: 'lease', what: 'failed', id: leaseId });
    if (attempts < MAX_ATTEMPTS && !isUnrecoverable(error) && !this.#irrevocable.has(leaseId)) {
      const delay = retryDelay(attempts, this.#context.runtime.random);
      this.#log('failed to revoke lease', error, leaseId, { attempts, next_attempt: formatDuration(delay) });
      this.#deadlines.set(leaseId, this.#now() + delay);
      return;
    }
    const out = attempts >= MAX_ATTEMPTS;
    const given = out ? `out of retries: ${textOf(error)}` : textOf(error);
    this.#context.runtime.log.write('trace', 'expiration', 'failed to revoke lease, marking lease as irrevocable', {
      lease_id: leaseId,
      error: given,
      reason: out ? 'lease has consumed all retry attempts' : 'unrecoverable error',
    });
    await this.#markIrrevocable(leaseId, given);
  }

  async #markIrrevocable(leaseId: string, error: string): Promise<void> {
    try {
      const entry = await this.#store.load(leaseId);
      if (entry === undefined) return;
      const given = { ...entry, revokeError: shortError(error) };
      await this.#store.save(given);
      this.#giveUp(given);
    } catch (again) {
      this.#log('failed to mark lease as irrevocable', again, leaseId);
      this.#deadlines.set(leaseId, this.#now() + retryDelay(MAX_ATTEMPTS, this.#context.runtime.random));
    }
  }

  #giveUp(entry: LeaseEntry): void {
    this.#irrevocable.set(entry.leaseId, { error: entry.revokeError, path: entry.path });
    this.#attempts.delete(entry.leaseId);
    this.#deadlines.set(entry.leaseId, this.#now() + IRREVOCABLE_RETRY);
  }

  #labels(): Labels {
    return {
      cluster: this.#context.runtime.metrics?.cluster ?? '',
      namespace: namespaceLabel(this.#context.namespace),
    };
  }

  #now(): Micros {
    return this.#context.runtime.clock.wall();
  }

  #log(message: string, error: unknown, leaseId: string, more: Readonly<Record<string, unknown>> = {}): void {
    const fields = { lease_id: leaseId, error: textOf(error), ...more };
    this.#context.runtime.log.write('error', 'expiration', message, fields);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

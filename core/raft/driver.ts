/** Carries out what the machine wants, and tells it what came of it. */
import type { LogLevel, Micros, Runtime, Timer } from '../runtime.ts';
import type { TraceEvent } from '../trace.ts';
import type { Effects, LogRecord, SnapshotHead, SnapshotSource } from './effects.ts';
import type { RaftError } from './errors.ts';
import { raftError, raftFailure } from './errors.ts';
import type { Machine } from './machine.ts';
import { RaftMeter } from './meter.ts';
import type { Peer, Request, Response } from './messages.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { Pipeline, Transport } from './transport.ts';
import type { Entry, Fsm, FsmSnapshot, SnapshotMeta } from './types.ts';
import type { Wal } from './wal.ts';

/** What waits for the machine's answer. */
interface Future {
  resolve(value: { readonly index: number; readonly result: unknown }): void;
  reject(error: RaftError): void;
}

export interface DriverHooks {
  leadership(leader: boolean): void;
  /** The node has stopped for good: a panic upstream. */
  panic(message: string): void;
  removed(): void;
}

export interface Picture {
  readonly meta: SnapshotMeta;
  readonly state: FsmSnapshot;
}

const LOGGER = 'storage.raft';

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Driver implements Effects {
  readonly #runtime: Runtime;
  readonly #wal: Wal;
  readonly #snapshots: SnapshotStore;
  readonly #fsm: Fsm;
  readonly #hooks: DriverHooks;
  readonly #futures = new Map<number, Future>();
  readonly #timers = new Map<number, Timer>();
  readonly #fires = new Map<number, () => void>();
  readonly #pipelines = new Map<number, Pipeline>();
  /** By lane, where somebody measures: whom it leads to, and for what is on the wire whom to tell of the answer. */
  readonly #piped = new Map<number, { readonly to: string; readonly answers: (() => void)[] }>();
  readonly meter: RaftMeter | undefined;
  #heads: Promise<void> = Promise.resolve();
  #nextFuture = 1;
  #stopped = false;
  /** Set right after the machine is made, before it starts. */
  machine!: Machine;
  transport!: Transport;

  sample(name: string, value: number): void {
    this.#runtime.metrics?.sample(name, value);
  }

  gauge(name: string, value: number): void {
    this.#runtime.metrics?.gauge(name, value);
  }

  constructor(runtime: Runtime, wal: Wal, snapshots: SnapshotStore, fsm: Fsm, hooks: DriverHooks) {
    this.#runtime = runtime;
    this.#wal = wal;
    this.#snapshots = snapshots;
    this.#fsm = fsm;
    this.#hooks = hooks;
    this.meter = runtime.metrics?.messages === true ? new RaftMeter(runtime.metrics) : undefined;
  }

  /** A promise for what the machine will resolve or reject under the number that `begin` gets. */
  future(begin: (future: number) => void): Promise<{ readonly index: number; readonly result: unknown }> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) {
        reject(raftError('shutdown'));
        return;
      }
      const future = this.#nextFuture++;
      this.#futures.set(future, { resolve, reject });
      begin(future);
    });
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.machine.shutdown();
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.transport.close();
    for (const future of this.#futures.values()) future.reject(raftError('shutdown'));
    this.#futures.clear();
    await this.#wal.close();
  }

  // --- disk ---

  commit(record: LogRecord): void {
    const { meter } = this;
    const start = meter?.now() ?? 0;
    this.#store(record).then(
      () => {
        if (record.kind === 'entries') meter?.stored(record.entries, start, this.machine.role === 'leader');
        this.machine.resume();
      },
      (error: unknown) => this.machine.resume(textOf(error)),
    );
  }

  #store(record: LogRecord): Promise<void> {
    const work = this.#runtime.cpu.spend('raft.append', record.kind === 'entries' ? record.entries.length : 1);
    return work instanceof Promise ? work.then(() => this.#wal.commit(record)) : this.#wal.commit(record);
  }

  compact(record: LogRecord): void {
    this.#wal.commit(record).then(
      () => {
        if (record.kind === 'compact') this.meter?.compacted(record.to);
        this.machine.snapshots.compacted();
      },
      (error: unknown) => this.machine.snapshots.compacted(textOf(error)),
    );
  }

  storeHead(head: SnapshotHead): void {
    const { meter } = this;
    const start = meter?.now() ?? 0;
    this.#heads = this.#heads.then(() =>
      this.#snapshots.writeHead(head).then(
        () => {
          meter?.headStored(start);
          this.machine.snapshots.headStored();
        },
        (error: unknown) => this.machine.snapshots.headStored(textOf(error)),
      ),
    );
  }

  // --- network ---

  call(call: number, to: Peer, request: Request): void {
    const done = this.meter?.asked(to.id, request);
    this.transport.call(to, request, (response, failure) => {
      if (response !== undefined) done?.();
      if (response === undefined) this.machine.failed(call, failure);
      else this.machine.answered(call, response);
    });
  }

  sendSnapshot(call: number, to: Peer, term: number, head: SnapshotHead): void {
    this.#picture(
      head,
      ({ meta, state }) => {
        const { index: lastIndex, term: lastTerm, configuration, configurationIndex } = meta;
        const request = { kind: 'install', term, lastIndex, lastTerm, configuration, configurationIndex } as const;
        this.transport.sendSnapshot(to, request, state.read(), (response, failure) => {
          state.release();
          if (response === undefined) {
            this.machine.failed(call, failure);
            return;
          }
          this.trace({ kind: 'raft.snapshot', what: 'sent', index: lastIndex, term: lastTerm });
          this.machine.answered(call, response, lastIndex);
        });
      },
      (error) => this.machine.failed(call, error),
    );
  }

  openPipeline(call: number, lane: number, to: Peer): void {
    this.transport.openPipeline(
      to,
      (pipeline, failure) => {
        if (pipeline === undefined) {
          this.machine.failed(call, failure);
          return;
        }
        this.#pipelines.set(lane, pipeline);
        if (this.meter !== undefined) this.#piped.set(lane, { to: to.id, answers: [] });
        // A pooled connection is there at once; the machine hears of it later all the same.
        void Promise.resolve().then(() => this.machine.answered(call, { kind: 'opened' }));
      },
      (response) => {
        const done = this.#piped.get(lane)?.answers.shift();
        if (response !== undefined) done?.();
        this.machine.lanes.piped(lane, response);
      },
    );
  }

  pipelineSend(lane: number, request: Request): void {
    const piped = this.#piped.get(lane);
    if (piped !== undefined) piped.answers.push(this.meter!.asked(piped.to, request));
    this.#pipelines.get(lane)?.send(request);
  }

  closePipeline(lane: number): void {
    this.#pipelines.get(lane)?.close();
    this.#pipelines.delete(lane);
    this.#piped.delete(lane);
  }

  respond(rpc: number, response: Response): void {
    this.meter?.responded(rpc);
    this.transport.respond(rpc, response);
  }

  receiveSnapshot(rpc: number): void {
    this.#receive(this.transport.receive(rpc), 'leader').then(
      () => this.machine.resume(),
      (error: unknown) => this.#drain(rpc, textOf(error)),
    );
  }

  discardSnapshot(rpc: number): void {
    this.#drain(rpc, undefined);
  }

  /** The sender reads our answer only when it has sent everything. */
  #drain(rpc: number, error: string | undefined): void {
    const drain = async (): Promise<void> => {
      const pieces = this.transport.receive(rpc);
      if (pieces === undefined) return;
      for await (const _ of pieces);
    };
    const resume = (): void => this.machine.resume(error);
    drain().then(resume, resume);
  }

  /** Writes the pieces to disk; resolves with their size. */
  async #receive(pieces: AsyncIterable<Uint8Array> | undefined, source: SnapshotSource): Promise<number> {
    if (pieces === undefined) throw new Error('unexpected EOF');
    const sink = await this.#snapshots.receive(source);
    try {
      for await (const piece of pieces) await sink.write(piece);
    } catch (error) {
      await sink.cancel();
      throw error;
    }
    return sink.finish();
  }

  // --- time ---

  arm(timer: number, delay: Micros): void {
    this.#timers.get(timer)?.cancel();
    if (this.#stopped) return;
    let fire = this.#fires.get(timer);
    if (fire === undefined) this.#fires.set(timer, (fire = () => this.machine.fired(timer)));
    this.#timers.set(timer, this.#runtime.clock.after(delay, fire));
  }

  disarm(timer: number): void {
    this.#timers.get(timer)?.cancel();
  }

  // --- the replicated state ---

  apply(entries: readonly Entry[]): void {
    const applied = entries.length === 0 ? Promise.resolve([]) : this.#apply(entries);
    applied.then(
      (results) => this.machine.state.applied(results),
      (error: unknown) => this.panic(`failed to apply logs: ${textOf(error)}`),
    );
  }

  async #apply(entries: readonly Entry[]): Promise<readonly unknown[]> {
    const start = this.meter?.now() ?? 0;
    await this.#runtime.cpu.spend('raft.apply', entries.length);
    const results = await this.#fsm.apply(entries);
    this.meter?.applied(entries.length, start);
    return results;
  }

  restore(head: SnapshotHead, source: SnapshotSource): void {
    const restored = this.#fsm.restore({ ...head, size: 0 }, this.#snapshots.read(source));
    restored
      .then(() => this.#snapshots.discard(source))
      .then(
        () => this.machine.state.restored(),
        (error: unknown) => this.machine.state.restored(textOf(error)),
      );
  }

  picture(future: number, head: SnapshotHead): void {
    this.#picture(
      head,
      (picture) => this.resolve(future, picture.meta.index, picture),
      (error) => this.reject(future, raftFailure(error)),
    );
  }

  #picture(head: SnapshotHead, taken: (picture: Picture) => void, failed: (error: string) => void): void {
    const { meter } = this;
    const start = meter?.now() ?? 0;
    this.#fsm.snapshot().then(
      (state) => {
        meter?.pictured(start);
        this.machine.state.pictured();
        taken({ meta: { ...head, size: 0 }, state });
      },
      (error: unknown) => {
        this.machine.state.pictured();
        failed(textOf(error));
      },
    );
  }

  /** Puts a backup where `restore` will look for it; refuses when it has not the size it says. */
  async keepBackup(meta: SnapshotMeta, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const size = await this.#receive(pieces, 'user');
    if (meta.size === 0 || size === meta.size) return;
    await this.#snapshots.discard('user');
    throw raftFailure(`failed to write snapshot, size didn't match (${size} != ${meta.size})`);
  }

  // --- those who wait and watch ---

  resolve(future: number, index: number, result: unknown): void {
    const waiting = this.#futures.get(future);
    this.#futures.delete(future);
    waiting?.resolve({ index, result });
  }

  reject(future: number, error: RaftError): void {
    const waiting = this.#futures.get(future);
    this.#futures.delete(future);
    waiting?.reject(error);
  }

  leadership(leader: boolean): void {
    this.#hooks.leadership(leader);
  }

  removed(): void {
    this.#hooks.removed();
  }

  panic(message: string): void {
    this.log('error', message);
    this.#hooks.panic(message);
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#runtime.log.write(level, LOGGER, message, fields);
  }

  get unwatched(): boolean {
    return this.#runtime.unwatched === true;
  }

  trace(event: TraceEvent): void {
    this.#runtime.trace(this.#withState(event));
  }

  /** Where the whole state is known as of the event, its digest goes along: replicas must agree on it. */
  #withState(event: TraceEvent): TraceEvent {
    const installed = event.kind === 'raft.snapshot' && event.what === 'installed';
    if (event.kind !== 'raft.apply' && !installed) return event;
    if (this.#fsm.digest === undefined || event.index !== this.#fsm.applied().index) return event;
    const state = this.#fsm.digest();
    return state === undefined ? event : { ...event, state };
  }
}

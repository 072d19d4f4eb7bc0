/** The lane of the replicated state: batches, restores and pictures, one after another, beside the main loop. */
import type { Configuration, Entry } from './types.ts';
import { decodeConfiguration } from './configuration.ts';
import { entryDigest } from './digest.ts';
import type { SnapshotHead, SnapshotSource } from './effects.ts';
import { raftError } from './errors.ts';
import type { Position } from './log.ts';
import type { Machine } from './machine.ts';
import type { Peer } from './messages.ts';
import type { Proposal } from './proposals.ts';
import { FSM_QUEUE, MAX_APPEND_ENTRIES } from './timing.ts';

type Futures = ReadonlyMap<number, Proposal> | undefined;

type Job =
  | { readonly kind: 'apply'; readonly entries: readonly Entry[]; readonly futures: Futures }
  | {
      readonly kind: 'restore';
      readonly head: SnapshotHead;
      readonly source: SnapshotSource;
      readonly finished: (error?: string) => void;
    }
  /** Where the state stands, for a snapshot that is metadata only. */
  | { readonly kind: 'mark'; readonly marked: (position: Position) => void }
  | { readonly kind: 'send'; readonly call: number; readonly to: Peer; readonly term: number }
  | { readonly kind: 'picture'; readonly future: number };

export class StateLane {
  readonly #m: Machine;
  #jobs: Job[] = [];
  #current: Job | undefined;
  #waiting: (() => void) | undefined;
  /** What the state holds: the last command or configuration. */
  #covered: Position;
  /** What was applied since the start, noops excepted: upstream takes no snapshot before there was something. */
  #passed: Position = { index: 0, term: 0 };
  #configuration: Configuration;
  #configurationIndex: number;

  constructor(m: Machine, applied: Position) {
    this.#m = m;
    this.#covered = applied;
    this.#configuration = m.configurations.committed;
    this.#configurationIndex = m.configurations.committedIndex;
  }

  get covered(): Position {
    return this.#covered;
  }

  /** Batches that wait, as upstream's statistics count them. */
  get pending(): number {
    return this.#jobs.length;
  }

  /** Hands over what was committed; the main loop goes on with `then`, later if too much is waiting. */
  applyUpTo(index: number, futures: Futures, then: () => void): void {
    const m = this.#m;
    if (index <= m.lastApplied) {
      m.write('warn', 'skipping application of old log', { index });
      then();
      return;
    }
    let batch: Entry[] = [];
    for (let at = m.lastApplied + 1; at <= index; at++) {
      const entry = m.log.get(at);
      if (entry === undefined) {
        m.effects.panic(`failed to get log: index=${at} error="log not found"`);
        return;
      }
      if (entry.type === 'noop') {
        const future = futures?.get(at)?.future ?? 0;
        if (future !== 0) m.effects.resolve(future, at, undefined);
        continue;
      }
      batch.push(entry);
      if (batch.length < MAX_APPEND_ENTRIES) continue;
      this.#add({ kind: 'apply', entries: batch, futures });
      batch = [];
    }
    if (batch.length > 0) this.#add({ kind: 'apply', entries: batch, futures });
    m.lastApplied = index;
    if (this.#jobs.length <= FSM_QUEUE) {
      then();
      return;
    }
    m.block(then);
    this.#waiting = () => m.resume();
  }

  restore(head: SnapshotHead, source: SnapshotSource, finished: (error?: string) => void): void {
    this.#add({ kind: 'restore', head, source, finished });
  }

  mark(marked: (position: Position) => void): void {
    this.#add({ kind: 'mark', marked });
  }

  /** Sends the state as it will be when the lane comes to it. */
  send(call: number, to: Peer, term: number): void {
    this.#add({ kind: 'send', call, to, term });
  }

  /** Gives the state, with its head, to whoever waits for the future. */
  picture(future: number): void {
    this.#add({ kind: 'picture', future });
  }

  // --- answers ---

  /** A result for each command and configuration of the batch. */
  applied(results: readonly unknown[]): void {
    const job = this.#current;
    if (job?.kind !== 'apply') return;
    const m = this.#m;
    let at = 0;
    for (const entry of job.entries) {
      const { index, term, type } = entry;
      const result = type === 'barrier' ? undefined : results[at++];
      this.#passed = entry;
      if (type !== 'barrier') {
        this.#covered = { index, term };
        if (m.effects.unwatched !== true)
          m.effects.trace({ kind: 'raft.apply', index, term, digest: entryDigest(entry) });
      }
      if (type === 'configuration') {
        this.#configuration = decodeConfiguration(entry.data);
        this.#configurationIndex = index;
      }
      const future = job.futures?.get(index)?.future ?? 0;
      if (future !== 0) m.effects.resolve(future, index, result);
    }
    this.#finished();
  }

  restored(error?: string): void {
    const job = this.#current;
    if (job?.kind !== 'restore') return;
    if (error === undefined) {
      const { index, term, configuration, configurationIndex } = job.head;
      this.#covered = { index, term };
      this.#passed = this.#covered;
      this.#configuration = configuration;
      this.#configurationIndex = configurationIndex;
      this.#m.effects.trace({ kind: 'raft.snapshot', what: 'installed', index, term });
    }
    job.finished(error);
    this.#finished();
  }

  /** The picture is taken; reading it goes on beside the lane. */
  pictured(): void {
    this.#finished();
  }

  shutdown(): void {
    const jobs = this.#current === undefined ? this.#jobs : [this.#current, ...this.#jobs];
    for (const job of jobs) {
      if (job.kind === 'picture') this.#m.effects.reject(job.future, raftError('shutdown'));
      if (job.kind !== 'apply') continue;
      for (const { index } of job.entries) {
        const future = job.futures?.get(index)?.future ?? 0;
        if (future !== 0) this.#m.effects.reject(future, raftError('shutdown'));
      }
    }
    this.#jobs = [];
    this.#current = undefined;
  }

  // --- the lane ---

  #add(job: Job): void {
    this.#jobs.push(job);
    this.#work();
  }

  #finished(): void {
    this.#current = undefined;
    this.#work();
    if (this.#waiting === undefined || this.#jobs.length > FSM_QUEUE) return;
    const resume = this.#waiting;
    this.#waiting = undefined;
    resume();
  }

  #work(): void {
    while (this.#current === undefined) {
      const job = this.#jobs.shift();
      if (job === undefined) return;
      this.#current = job;
      this.#begin(job);
    }
  }

  #head(): SnapshotHead {
    return { ...this.#covered, configuration: this.#configuration, configurationIndex: this.#configurationIndex };
  }

  #begin(job: Job): void {
    switch (job.kind) {
      case 'apply':
        this.#m.effects.apply(job.entries.filter((entry) => entry.type !== 'barrier'));
        return;
      case 'restore':
        this.#m.effects.restore(job.head, job.source);
        return;
      case 'send':
        this.#m.effects.sendSnapshot(job.call, job.to, job.term, this.#head());
        return;
      case 'picture':
        this.#m.effects.picture(job.future, this.#head());
        return;
      case 'mark':
        this.#current = undefined;
        job.marked(this.#passed);
        return;
    }
  }
}

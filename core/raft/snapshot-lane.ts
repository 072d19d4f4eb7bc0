/**
 * Decides when a snapshot is due and trims the log behind it. The replicated state is on disk anyway, so that a
 * snapshot is only a note of how far it goes.
 */
import type { SnapshotHead } from './effects.ts';
import { RaftError, raftError, raftFailure } from './errors.ts';
import type { Position } from './log.ts';
import type { Machine } from './machine.ts';

export class SnapshotLane {
  readonly #m: Machine;
  readonly #timer: number;
  readonly #requests: number[] = [];
  /** What the last snapshot covers. */
  last: Position;
  #working = false;
  #due = false;
  readonly #stored: ((error?: string) => void)[] = [];
  readonly #compacted: ((error?: string) => void)[] = [];

  constructor(m: Machine, last: Position) {
    this.#m = m;
    this.last = last;
    this.#timer = m.lanes.timer(() => {
      this.#due = true;
      if (!this.#working) this.#next();
    });
  }

  start(): void {
    this.#m.effects.arm(this.#timer, this.#m.jittered(this.#m.options.snapshotInterval));
  }

  /** A snapshot now, whatever the threshold; the future gets a picture of the state. */
  request(future: number): void {
    if (this.#m.role === 'shutdown') {
      this.#m.effects.reject(future, raftError('shutdown'));
      return;
    }
    this.#requests.push(future);
    if (!this.#working) this.#next();
  }

  headStored(error?: string): void {
    this.#stored.shift()?.(error);
  }

  compacted(error?: string): void {
    this.#compacted.shift()?.(error);
  }

  shutdown(): void {
    for (const future of this.#requests.splice(0)) this.#m.effects.reject(future, raftError('shutdown'));
    this.#m.effects.disarm(this.#timer);
  }

  /** Keeps a note of what the state covers, durably. */
  store(head: SnapshotHead, then: (error?: string) => void): void {
    this.#stored.push(then);
    this.#m.effects.storeHead(head);
  }

  /** Forgets entries that the snapshot covers, but for the trailing ones. */
  trim(snapshotIndex: number, then: (error?: string) => void): void {
    const m = this.#m;
    const { trailingLogs } = m.options;
    const { lastIndex, first } = m.log;
    if (lastIndex <= trailingLogs) {
      then();
      return;
    }
    const to = Math.min(snapshotIndex, lastIndex - trailingLogs);
    const term = m.log.term(to);
    if (first > to || term === undefined) {
      m.write('info', 'no logs to truncate');
      then();
      return;
    }
    m.write('info', 'compacting logs', { from: first, to });
    this.#compacted.push((error) => {
      if (error !== undefined) {
        then(`log compaction failed: ${error}`);
        return;
      }
      // The main loop may have replaced the log meanwhile.
      if (m.log.term(to) === term && to > m.log.base.index) m.log.compact(to);
      then();
    });
    m.effects.compact({ kind: 'compact', to, term });
  }

  #next(): void {
    const m = this.#m;
    const future = this.#requests.shift();
    if (future !== undefined) {
      this.#take((error) => {
        if (error === undefined) m.state.picture(future);
        else m.effects.reject(future, error);
      });
      return;
    }
    if (!this.#due) return;
    this.#due = false;
    m.effects.arm(this.#timer, m.jittered(m.options.snapshotInterval));
    if (m.log.lastIndex - this.last.index >= m.options.snapshotThreshold) this.#take(() => {});
  }

  #take(then: (error?: RaftError) => void): void {
    const m = this.#m;
    this.#working = true;
    const start = m.now();
    const end = (error?: RaftError): void => {
      m.effects.sample?.('vault.raft.snapshot.takeSnapshot', (m.now() - start) / 1_000);
      if (error !== undefined) m.write('error', 'failed to take snapshot', { error: error.message });
      this.#working = false;
      then(error);
      this.#next();
    };
    m.state.mark(({ index, term }) => {
      if (index === 0) end(raftError('nothing-to-snapshot'));
      // The configuration belongs to the main loop.
      else m.main(() => this.#write(index, term, end));
    });
  }

  #write(index: number, term: number, end: (error?: RaftError) => void): void {
    const m = this.#m;
    if (m.leadership?.transferring === true) {
      end(raftError('transfer-in-progress'));
      return;
    }
    const { committed, committedIndex } = m.configurations;
    if (index < committedIndex) {
      const what = `wait until the configuration entry at ${committedIndex} has been applied (have applied ${index})`;
      end(raftFailure(`cannot take snapshot now, ${what}`));
      return;
    }
    m.write('info', 'starting snapshot up to', { index });
    const head = { index, term, configuration: committed, configurationIndex: committedIndex };
    this.store(head, (failed) => {
      if (failed !== undefined) {
        end(raftFailure(`failed to create snapshot: ${failed}`));
        return;
      }
      this.last = { index, term };
      m.effects.trace({ kind: 'raft.snapshot', what: 'taken', index: head.index, term: head.term });
      const trimming = m.now();
      this.trim(index, (error) => {
        m.effects.sample?.('vault.raft.compactLogs', (m.now() - trimming) / 1_000);
        if (error !== undefined) {
          end(raftFailure(error));
          return;
        }
        m.write('info', 'snapshot complete up to', { index });
        end();
      });
    });
  }
}

/** Integrated storage: reads from the local state machine, writes through raft (facts §2). */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import { RaftError } from '../../raft/errors.ts';
import type { StreamLayer } from '../../raft/types.ts';
import type { Runtime } from '../../runtime.ts';
import { type Footprint, OptimisticTransaction } from '../optimistic.ts';
import type { Scope } from '../../scope.ts';
import { Permits } from '../permits.ts';
import { CommitFailed, type Page, ReadOnly, type Storage, type Transaction } from '../storage.ts';
import type { RaftFigures } from '../../system/raft-control.ts';
import { measure } from '../../telemetry/measure.ts';
import { split } from './chunking.ts';
import type { ApplyResult, FsmHooks, FsmOptions } from './fsm.ts';
import { RaftFsm } from './fsm.ts';
import { recoverFromPeersFile } from './recovery.ts';
import { RaftLock } from './lock.ts';
import { LeadershipNews } from './news.ts';
import {
  CHUNK_BYTES,
  DEFAULT_MAX_ENTRY_BYTES,
  DEFAULT_MAX_TRANSACTION_BYTES,
  type LogOperation,
  type SizeLimits,
  checkKeySize,
  checkLogSize,
  encodeLogData,
  op,
} from './operations.ts';
import type { Raft, RaftFiles } from './port.ts';
import { transactionOperations } from './transaction.ts';

const PARALLEL_OPERATIONS = 128;
const PARALLEL_TRANSACTIONS = 64;
const RESTORE_DELAY = 5_000_000;
const noValue = new Uint8Array(0);

export interface RaftBackendOptions extends Partial<SizeLimits>, FsmOptions {
  /** Folder of vault.db: '' or with a trailing '/'. */
  readonly path: string;
  readonly nodeId: string;
  readonly files: RaftFiles;
  readonly hooks?: Partial<FsmHooks>;
}

export interface Peer {
  readonly id: string;
  readonly address: string;
  readonly suffrage: 'voter' | 'nonvoter';
}

export class RaftBackend implements Storage {
  readonly transactional = true;
  readonly nodeId: string;
  readonly #runtime: Runtime;
  readonly #files: RaftFiles;
  readonly #path: string;
  readonly #fsm: RaftFsm;
  readonly #limits: SizeLimits;
  readonly #operations = new Permits(PARALLEL_OPERATIONS);
  readonly #transactions = new Permits(PARALLEL_TRANSACTIONS);
  readonly #started: ((running: boolean) => void)[] = [];
  #news = new LeadershipNews();
  #raft: Raft | undefined;
  #starting = false;

  private constructor(runtime: Runtime, fsm: RaftFsm, options: RaftBackendOptions) {
    this.#runtime = runtime;
    this.#fsm = fsm;
    this.#files = options.files;
    this.nodeId = options.nodeId;
    this.#path = options.path;
    this.#limits = {
      maxEntryBytes: options.maxEntryBytes ?? DEFAULT_MAX_ENTRY_BYTES,
      maxTransactionBytes: options.maxTransactionBytes ?? DEFAULT_MAX_TRANSACTION_BYTES,
    };
  }

  /** Opens the state: reads work from here on, writes after `start`. Rejects with CorruptState. */
  static async open(runtime: Runtime, options: RaftBackendOptions): Promise<RaftBackend> {
    const { changed, replaced, restoreCallback } = options.hooks ?? {};
    const hooks = {
      changed: (keys: readonly string[], index: number) => changed?.(keys, index),
      replaced: (index: number) => replaced?.(index),
      restoreCallback: () => restoreCallback?.(),
    };
    const fsm = await RaftFsm.open(runtime, `${options.path}vault.db`, hooks, options);
    return new RaftBackend(runtime, fsm, options);
  }

  // --- life

  /** Whether this node is part of a cluster already. */
  async hasState(): Promise<boolean> {
    // A running node has its files open.
    return this.#starting || this.#raft !== undefined || (await this.#files.hasState());
  }

  get running(): boolean {
    return this.#raft !== undefined;
  }

  /** The running raft node. Throws upstream's error before `start`. */
  get raft(): Raft {
    if (this.#raft === undefined) throw failure('raft storage is not initialized');
    return this.#raft;
  }

  get fsm(): RaftFsm {
    return this.#fsm;
  }

  /** Makes this node the first of a new cluster, or knows the peers it joins. */
  async bootstrap(peers: readonly Peer[]): Promise<void> {
    if (peers.length === 0) throw failure('no peers provided');
    if (await this.hasState()) throw failure('error bootstrapping cluster: cluster already has state');
    await this.#files.bootstrap({ servers: peers });
  }

  /** Before it runs: this node alone is the cluster from now on. */
  recover(peer: Peer): Promise<void> {
    return this.#files.recover({ servers: [peer] }, this.#fsm);
  }

  /** Runs raft, if it does not run yet, with the peers that `peers.json` names if there is one. `address` is this node's cluster address, host:port. */
  async start(address: string, streams: StreamLayer): Promise<void> {
    if (this.#starting || this.#raft !== undefined) return;
    this.#starting = true;
    const { log } = this.#runtime;
    log.write('trace', 'storage.raft', 'setting up raft cluster');
    let raft: Raft;
    try {
      await recoverFromPeersFile(this.#runtime, `${this.#path}raft/`, this.#files, this.#fsm);
      raft = await this.#files.start({ address, fsm: this.#fsm, streams });
    } finally {
      this.#starting = false;
    }
    this.#raft = raft;
    log.write('trace', 'storage.raft', 'finished setting up raft cluster');
    const news = new LeadershipNews();
    this.#news = news;
    raft.onLeadership((leader) => news.push(leader));
    for (const started of this.#started.splice(0)) started(true);
  }

  /** Resolves with true when raft runs, with false when `stop` is cancelled first. */
  whenStarted(stop: Scope): Promise<boolean> {
    if (stop.cancelled || this.#raft !== undefined) return Promise.resolve(!stop.cancelled);
    return new Promise((resolve) => {
      this.#started.push(resolve);
      stop.onCancel(() => resolve(false));
    });
  }

  /** Stops raft; the state stays readable. */
  async stop(): Promise<void> {
    const raft = this.#raft;
    this.#raft = undefined;
    await raft?.shutdown();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#fsm.close();
  }

  /** Gains and losses of leadership since raft runs. */
  get news(): LeadershipNews {
    return this.#news;
  }

  /** The HA lock under `key`, to be held with `value`. */
  lockWith(key: string, value: string): RaftLock {
    return new RaftLock(this, key, value);
  }

  /** What upstream calls so: the last index of its log, which a node without a leader has too. */
  committedIndex(): number {
    return this.#raft?.lastIndex() ?? 0;
  }

  /** For the gauges. */
  figures(): RaftFigures | undefined {
    const raft = this.#raft;
    if (raft === undefined) return undefined;
    const age = raft.isLeader() ? raft.oldestLogAge?.() : undefined;
    return {
      nodeId: this.nodeId,
      term: raft.term(),
      commitIndex: raft.commitIndex(),
      appliedIndex: raft.appliedIndex(),
      pending: raft.pending?.() ?? 0,
      ...(age === undefined ? {} : { oldestLogAge: age }),
    };
  }

  appliedIndex(): number {
    return this.#fsm.applied().index;
  }

  // --- storage

  /** As of the moment of asking, however long the page takes to come. */
  get(key: string): Promise<Uint8Array | undefined> {
    const value = this.#fsm.data.get(key);
    const paging = this.#runtime.disk.pageIn?.();
    return paging === undefined ? Promise.resolve(value) : paging.then(() => value);
  }

  async list(prefix: string, page?: Page): Promise<string[]> {
    return this.#fsm.data.list(prefix, page);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    checkKeySize(key);
    this.#writes(key);
    await this.#operate([{ type: op.put, key, value }]);
  }

  async delete(key: string): Promise<void> {
    this.#writes(key);
    await this.#operate([{ type: op.delete, key, value: noValue }]);
  }

  async begin(options?: { readOnly?: boolean }): Promise<Transaction> {
    const readOnly = options?.readOnly === true;
    await this.#transactions.acquire();
    const start = this.#fsm.applied().index;
    const { tracker } = this.#fsm;
    if (!readOnly) tracker.opened(start);
    const { metrics } = this.#runtime;
    const transaction = new OptimisticTransaction(
      this.#fsm.data.fork(),
      readOnly,
      (footprint) => {
        const commit = (): Promise<void> => this.#commit(start, footprint);
        return metrics === undefined ? commit() : metrics.time('vault.raft-storage.txn-commit-runtime', commit);
      },
      () => {
        if (!readOnly) tracker.finished(start);
        this.#transactions.release();
      },
    );
    if (metrics !== undefined) {
      const names = { commit: 'vault.raft-storage.txn-commit', rollback: 'vault.raft-storage.txn-rollback' };
      measure<Transaction>(transaction, metrics, names);
    }
    return transaction;
  }

  /** Tells all nodes that an operator's snapshot was restored, and gives them time to see it. */
  async announceRestore(): Promise<void> {
    await this.#operate([{ type: op.restoreCallback, key: '', value: noValue }]);
    await this.#runtime.clock.sleep(RESTORE_DELAY);
  }

  async #commit(start: number, footprint: Footprint): Promise<void> {
    for (const [key, value] of footprint.writes) {
      checkKeySize(key);
      const bytes = encodeUtf8(key).length;
      if (value !== undefined && value.length >= this.#limits.maxEntryBytes - bytes - 11) {
        // Upstream names the size of the key here, not of the value.
        throw failure(
          `put failed due to value being too large; got ${bytes} bytes, max ${this.#limits.maxEntryBytes} bytes`,
        );
      }
    }
    for (const key of footprint.writes.keys()) this.#writes(key);
    await this.#operate(transactionOperations(this.#runtime.crypto, start, footprint), start);
  }

  /** Through raft and back. `start` is given by transactions. */
  async #operate(operations: readonly LogOperation[], start?: number): Promise<void> {
    await this.#operations.acquire();
    try {
      const { metrics } = this.#runtime;
      const began = metrics?.now() ?? 0;
      const result = await this.#apply(operations, start);
      metrics?.count('vault.raft.apply');
      metrics?.since('vault.raft.commitTime', began);
      if (result === 'rejected') throw new CommitFailed();
      if (result === 'incomplete') throw failure('applying chunking failed, please retry');
      if (result !== 'applied') throw failure('could not apply data');
    } catch (error) {
      if (error instanceof RaftError && error.code === 'not-leader') throw new ReadOnly(error.message);
      throw error;
    } finally {
      this.#operations.release();
    }
  }

  async #apply(operations: readonly LogOperation[], start?: number): Promise<ApplyResult> {
    const { raft } = this;
    const lowestActiveIndex = Math.max(
      0,
      Math.min(this.#fsm.tracker.lowestWithout(start ?? -1), this.#fsm.applied().index - 1),
    );
    const data = encodeLogData({ operations, lowestActiveIndex });
    this.#runtime.metrics?.sample('vault.raft-storage.entry_size', data.length);
    checkLogSize(data.length, operations.length, start !== undefined, this.#limits);
    if (data.length <= CHUNK_BYTES) return (await raft.apply(data)) as ApplyResult;
    const pieces = split(data, this.#runtime.random.bytes(8));
    const results = await Promise.all(pieces.map((piece) => raft.apply(piece.data, piece.extensions)));
    return results.at(-1) as ApplyResult;
  }

  /** Told when it begins: a node that should not even try gives itself away though raft refuses it. */
  #writes(key: string): void {
    this.#runtime.trace({ kind: 'storage.write', key, active: this.#raft?.isLeader() ?? false });
  }
}

/**
 * The replicated state machine: committed log entries in, key-value state out (facts §2.3, §2.4).
 *
 * A batch's data and its index are two transactions on disk, as upstream. A crash between them makes raft hand over
 * the batch again; upstream then executes it again, and a transaction that was rejected may pass the second time.
 * Here the data transaction says which batch it was, so the second time nothing is left to do.
 */
import { decodeConfiguration } from '../../raft/configuration.ts';
import type { Configuration, Entry, Fsm, FsmSnapshot, SnapshotMeta } from '../../raft/types.ts';
import type { Runtime } from '../../runtime.ts';
import { OrderedMap } from '../ordered.ts';
import { collect } from './chunking.ts';
import {
  type ConfigurationValue,
  type DesiredSuffrage,
  type IndexValue,
  LATEST_CONFIG,
  LATEST_INDEX,
  LOCAL_NODE_CONFIG,
  decodeConfigurationValue,
  decodeIndex,
  decodeLocalNode,
  encodeConfigurationValue,
  encodeIndex,
  encodeLocalNode,
} from './config.ts';
import { decodeEntries, encodeEntries } from './entries.ts';
import { decodeLogData, op } from './operations.ts';
import { type Compaction, type StateBatch, StateFile } from './state.ts';
import { TransactionTracker } from './tracker.ts';
import { applyTransaction } from './transaction.ts';

/** Ours: up to where the data has been applied, which may be ahead of `latest_indexes` after a crash. */
const DATA_INDEX = 'data_index';

export type ApplyResult =
  /** Done, or a configuration. */
  | 'applied'
  /** A transaction whose reads no longer held: nothing was written. */
  | 'rejected'
  /** A piece of a larger entry that is not complete. */
  | 'incomplete';

export interface FsmHooks {
  /** After each batch: the keys that were put or deleted, each once. */
  changed(keys: readonly string[], index: number): void;
  /** The whole state was replaced (a snapshot from the leader): nothing cached may survive. */
  replaced(index: number): void;
  /** An operator's restore reached this entry: keys must be reloaded. */
  restoreCallback(): void;
}

export interface FsmOptions {
  /**
   * Data and index become durable with one sync, as a journal allows; else with the two that upstream's state file
   * takes for both (the default).
   */
  readonly syncOnce?: boolean;
  readonly compaction?: Compaction;
}

export class RaftFsm implements Fsm {
  readonly #runtime: Runtime;
  readonly #state: StateFile;
  readonly #syncOnce: boolean;
  readonly #hooks: FsmHooks;
  readonly tracker: TransactionTracker;
  #applied: IndexValue;
  #dataIndex: number;
  #restoreCallbacks = 0;
  #configuration: ConfigurationValue | undefined;

  private constructor(runtime: Runtime, state: StateFile, hooks: FsmHooks, options: FsmOptions) {
    this.#runtime = runtime;
    this.#state = state;
    this.#syncOnce = options.syncOnce ?? false;
    this.#hooks = hooks;
    const data = decodeIndex(state.config(DATA_INDEX));
    const noted = decodeIndex(state.config(LATEST_INDEX));
    // A crash between the two transactions: what counts is what the data hold, or a picture of them would be mislabelled.
    this.#applied = data.index > noted.index ? data : noted;
    this.#dataIndex = this.#applied.index;
    const configuration = state.config(LATEST_CONFIG);
    this.#configuration = configuration === undefined ? undefined : decodeConfigurationValue(configuration);
    this.tracker = new TransactionTracker(this.#applied.index);
  }

  /** `path` is vault.db's. Rejects with CorruptState. */
  static async open(runtime: Runtime, path: string, hooks: FsmHooks, options: FsmOptions = {}): Promise<RaftFsm> {
    const opening = (): Promise<StateFile> =>
      StateFile.open(runtime.disk, path, {
        digested: runtime.unwatched !== true,
        ...(options.compaction && { compaction: options.compaction }),
      });
    const { metrics } = runtime;
    const state = await (metrics === undefined
      ? opening()
      : metrics.time('vault.raft_storage.fsm.open_db_file', opening));
    return new RaftFsm(runtime, state, hooks, options);
  }

  /** The state as it is; fork it to keep it. */
  get data(): OrderedMap<Uint8Array> {
    return this.#state.data;
  }

  applied(): IndexValue {
    return this.#applied;
  }

  /** After a crash between data and index the data are ahead until the batch has come again. */
  digest(): string | undefined {
    return this.#dataIndex > this.#applied.index ? undefined : this.#state.digest();
  }

  /** The last configuration that was applied, with its index. */
  configuration(): { readonly index: number; readonly configuration: Configuration } | undefined {
    return this.#configuration;
  }

  async apply(entries: readonly Entry[]): Promise<readonly ApplyResult[]> {
    const last = entries.at(-1);
    if (last === undefined) return [];
    const batch = this.#state.begin();
    const changed = new Set<string>();
    const results = entries.map((entry) => this.#applyEntry(entry, batch, changed));
    if (last.index > this.#dataIndex) {
      batch.setConfig(DATA_INDEX, encodeIndex(last));
      await this.#state.commit(batch, 0);
      this.#dataIndex = last.index;
    }
    if (last.index > this.#applied.index) {
      const advance = this.#state.begin();
      advance.setConfig(LATEST_INDEX, encodeIndex(last));
      await this.#state.commit(advance, this.#syncOnce ? 1 : undefined);
      this.#applied = { index: last.index, term: last.term };
    }
    if (changed.size > 0) this.#hooks.changed([...changed], last.index);
    for (; this.#restoreCallbacks > 0; this.#restoreCallbacks--) this.#hooks.restoreCallback();
    return results;
  }

  async snapshot(): Promise<FsmSnapshot> {
    const data = this.#state.data.fork();
    return {
      async *read() {
        yield* encodeEntries(data.entries());
      },
      release() {},
    };
  }

  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#runtime.log.write('info', 'storage.raft.fsm', 'installing snapshot to FSM');
    const data = new OrderedMap<Uint8Array>();
    for await (const [key, value] of decodeEntries(chunks)) data.set(key, value);
    const configuration = { index: meta.configurationIndex, configuration: meta.configuration };
    await this.#state.restore(
      data,
      new Map([
        [DATA_INDEX, encodeIndex(meta)],
        [LATEST_INDEX, encodeIndex(meta)],
        [LATEST_CONFIG, encodeConfigurationValue(configuration)],
      ]),
    );
    this.#applied = { index: meta.index, term: meta.term };
    this.#dataIndex = meta.index;
    this.#configuration = configuration;
    this.tracker.reset(meta.index);
    this.#runtime.log.write('info', 'storage.raft.fsm', 'snapshot installed');
    this.#hooks.replaced(meta.index);
  }

  /** What this node wants to be when it joins; 'voter' unless it said otherwise. */
  desiredSuffrage(): DesiredSuffrage {
    const stored = this.#state.config(LOCAL_NODE_CONFIG);
    return stored === undefined ? 'voter' : decodeLocalNode(stored);
  }

  async setDesiredSuffrage(suffrage: DesiredSuffrage): Promise<void> {
    const batch = this.#state.begin();
    batch.setConfig(LOCAL_NODE_CONFIG, encodeLocalNode(suffrage));
    await this.#state.commit(batch);
  }

  close(): Promise<void> {
    return this.#state.close();
  }

  #applyEntry(entry: Entry, batch: StateBatch, changed: Set<string>): ApplyResult {
    if (entry.index <= this.#dataIndex) return 'applied';
    if (entry.type === 'configuration') {
      this.#configuration = { index: entry.index, configuration: decodeConfiguration(entry.data) };
      batch.setConfig(LATEST_CONFIG, encodeConfigurationValue(this.#configuration));
      return 'applied';
    }
    if (entry.extensions.length === 0) return this.#applyCommand(entry.index, entry.data, batch, changed);
    const whole = collect(batch, entry.term, entry);
    return whole === undefined ? 'incomplete' : this.#applyCommand(entry.index, whole, batch, changed);
  }

  #applyCommand(index: number, data: Uint8Array, batch: StateBatch, changed: Set<string>): ApplyResult {
    const { operations, lowestActiveIndex } = decodeLogData(data);
    let written: string[] | undefined = [];
    if (operations[0]?.type === op.beginTx) {
      written = applyTransaction(this.#runtime.crypto, operations, batch, this.tracker, this.#runtime.metrics);
    } else {
      for (const { type, key, value } of operations) {
        if (type === op.put) batch.put(key, value.slice());
        else if (type === op.delete) batch.delete(key);
        else if (type === op.restoreCallback) this.#restoreCallbacks++;
        if (type === op.put || type === op.delete) written.push(key);
      }
    }
    if (written !== undefined) {
      this.tracker.wrote(index, written);
      for (const key of written) changed.add(key);
    }
    if (lowestActiveIndex !== undefined) this.tracker.prune(lowestActiveIndex);
    return written === undefined ? 'rejected' : 'applied';
  }
}

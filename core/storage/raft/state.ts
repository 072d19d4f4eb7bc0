/**
 * The key-value file below the replicated state machine: what `vault.db` (bbolt) is upstream. The whole state is in
 * memory, in an ordered map with free snapshots; the file is a journal of transactions, rewritten when mostly stale.
 *
 * Like the original it has two buckets: `data`, which is replicated, and `config`, which is this node's.
 */
import { assert } from '../../assert.ts';
import type { Disk } from '../../runtime.ts';
import { WireReader, WireWriter } from '../../raft/wire.ts';
import { OrderedMap } from '../ordered.ts';
import { StateDigest } from './digest.ts';
import { CorruptState, Journal } from './journal.ts';

const PUT = 1;
const DELETE = 2;
const CONFIG = 3;
/** Ends what a file starts with: without it the file was never complete. */
const BASE_END = 4;

const BASE_RECORD = 256 * 1024;

/** The file is rewritten when it is larger than so many bytes, and than so many times what is live. */
export interface Compaction {
  readonly atLeast: number;
  readonly times: number;
}

const USUAL_COMPACTION: Compaction = { atLeast: 16 * 1024 * 1024, times: 4 };

export class StateFile {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #syncs: number;
  readonly #compaction: Compaction;
  #journal: Journal;
  #data = new OrderedMap<Uint8Array>();
  #config = new Map<string, Uint8Array>();
  /** None where nobody compares replicas. */
  #digest: StateDigest | undefined;
  #liveBytes = 0;
  /** Grown to the size of the batches that there are. */
  readonly #writer = new WireWriter();

  private constructor(disk: Disk, path: string, syncs: number, compaction: Compaction, journal: Journal) {
    this.#disk = disk;
    this.#path = path;
    this.#syncs = syncs;
    this.#compaction = compaction;
    this.#journal = journal;
  }

  /**
   * Opens or makes the file. `syncs` is what one transaction costs: bbolt syncs twice, its pages, then its meta page;
   * here the second has nothing left to write, but takes its time all the same.
   * `digested`: keeps a digest of it. Rejects with CorruptState.
   */
  static async open(
    disk: Disk,
    path: string,
    { syncs = 2, digested = true, compaction = USUAL_COMPACTION } = {},
  ): Promise<StateFile> {
    await disk.remove(`${path}.new`);
    const isNew = (await disk.readFile(path)) === undefined;
    if (isNew) {
      const journal = await writeBase(disk, `${path}.new`, [], new Map());
      await journal.close();
      await moveIntoPlace(disk, path);
    }
    const { state, grown } = await StateFile.#load(disk, path, syncs, digested, compaction);
    // Whoever put it in its place may have been killed before that was durable, and nothing else would make it so.
    if (!isNew && !grown) await syncFolderOf(disk, path);
    return state;
  }

  /** `grown`: something was written to it after its beginning. */
  static async #load(
    disk: Disk,
    path: string,
    syncs: number,
    digested: boolean,
    compaction: Compaction,
  ): Promise<{ readonly state: StateFile; readonly grown: boolean }> {
    const data = new OrderedMap<Uint8Array>();
    const config = new Map<string, Uint8Array>();
    const digest = digested ? new StateDigest() : undefined;
    let live = 0;
    let complete = false;
    let grown = false;
    const journal = await Journal.open(disk, path, (payload) => {
      grown = complete;
      const reader = new WireReader(payload);
      while (!reader.done) {
        switch (reader.byte()) {
          case PUT: {
            const key = reader.text();
            const value = reader.bytes().slice();
            const old = data.set(key, value);
            if (old !== undefined) {
              digest?.remove(key, old);
              live -= old.length + key.length;
            }
            digest?.add(key, value);
            live += value.length + key.length;
            break;
          }
          case DELETE: {
            const key = reader.text();
            const old = data.get(key);
            if (old === undefined) break;
            digest?.remove(key, old);
            live -= old.length + key.length;
            data.delete(key);
            break;
          }
          case CONFIG:
            config.set(reader.text(), reader.bytes().slice());
            break;
          case BASE_END:
            complete = true;
            break;
          default:
            throw new CorruptState(path, 0, 'a record of an unknown kind');
        }
      }
    });
    if (!complete) throw new CorruptState(path, 0, 'its beginning is incomplete');
    const state = new StateFile(disk, path, syncs, compaction, journal);
    state.#data = data;
    state.#config = config;
    state.#digest = digest;
    state.#liveBytes = live;
    return { state, grown };
  }

  get data(): OrderedMap<Uint8Array> {
    return this.#data;
  }

  config(name: string): Uint8Array | undefined {
    return this.#config.get(name);
  }

  /** Of the `data` bucket. */
  digest(): string | undefined {
    return this.#digest?.text();
  }

  begin(): StateBatch {
    this.#writer.clear();
    return new StateBatch(this.#data, this.#digest && new StateDigest(this.#digest), this.#liveBytes, this.#writer);
  }

  /** Makes a batch durable, then visible. One at a time. With 0 `syncs` it becomes durable with the next commit. */
  async commit(batch: StateBatch, syncs = this.#syncs): Promise<void> {
    assert(batch.base === this.#data, 'batches are made and committed one at a time');
    const payload = batch.encoded();
    if (payload.length === 0) return;
    await this.#journal.append(payload, syncs);
    this.#data = batch.data;
    this.#digest = batch.digest;
    this.#liveBytes = batch.liveBytes;
    for (const [name, value] of batch.config) this.#config.set(name, value);
    const { atLeast, times } = this.#compaction;
    if (this.#journal.size > atLeast && this.#journal.size > times * this.#liveBytes) await this.compact();
  }

  /** Rewrites the file with what is live. */
  async compact(): Promise<void> {
    await this.#replace(this.#data, this.#config);
  }

  /** Replaces the data, and those of the config names that are given; the others stay. */
  async restore(data: OrderedMap<Uint8Array>, config: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const merged = new Map([...this.#config, ...config]);
    await this.#replace(data, merged);
    this.#data = data;
    this.#config = merged;
    this.#digest = this.#digest && new StateDigest();
    this.#liveBytes = 0;
    for (const [key, value] of data.entries()) {
      this.#digest?.add(key, value);
      this.#liveBytes += key.length + value.length;
    }
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  async #replace(data: OrderedMap<Uint8Array>, config: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const journal = await writeBase(this.#disk, `${this.#path}.new`, data.entries(), config);
    await moveIntoPlace(this.#disk, this.#path);
    await this.#journal.close();
    this.#journal = journal;
  }
}

/** A file that holds exactly this, durable but not yet in its place. */
async function writeBase(
  disk: Disk,
  path: string,
  entries: Iterable<readonly [key: string, value: Uint8Array]>,
  config: ReadonlyMap<string, Uint8Array>,
): Promise<Journal> {
  const journal = await Journal.create(disk, path);
  const writer = new WireWriter();
  for (const [key, value] of entries) {
    writePut(writer, key, value);
    if (writer.length >= BASE_RECORD) await journal.append(writer.take(), 0);
  }
  for (const [name, value] of config) writeConfig(writer, name, value);
  writer.byte(BASE_END);
  await journal.append(writer.take(), 1);
  return journal;
}

async function moveIntoPlace(disk: Disk, path: string): Promise<void> {
  await disk.rename(`${path}.new`, path);
  await syncFolderOf(disk, path);
}

const syncFolderOf = (disk: Disk, path: string): Promise<void> =>
  disk.syncFolder(path.slice(0, Math.max(0, path.lastIndexOf('/'))));

function writePut(writer: WireWriter, key: string, value: Uint8Array): void {
  writer.byte(PUT);
  writer.text(key);
  writer.bytes(value);
}

function writeConfig(writer: WireWriter, name: string, value: Uint8Array): void {
  writer.byte(CONFIG);
  writer.text(name);
  writer.bytes(value);
}

/** Changes that become durable and visible together. Reads see them already. */
export class StateBatch {
  /** What it started from. */
  readonly base: OrderedMap<Uint8Array>;
  readonly data: OrderedMap<Uint8Array>;
  readonly digest: StateDigest | undefined;
  readonly config = new Map<string, Uint8Array>();
  liveBytes: number;
  readonly #writer: WireWriter;
  #taken = false;

  /** `writer` is its own until the next batch begins. */
  constructor(base: OrderedMap<Uint8Array>, digest: StateDigest | undefined, liveBytes: number, writer: WireWriter) {
    this.#writer = writer;
    this.base = base;
    this.data = base.fork();
    this.digest = digest;
    this.liveBytes = liveBytes;
  }

  put(key: string, value: Uint8Array): void {
    const old = this.data.set(key, value);
    if (old !== undefined) this.#forget(key, old);
    this.digest?.add(key, value);
    this.liveBytes += key.length + value.length;
    writePut(this.#writer, key, value);
  }

  delete(key: string): void {
    const old = this.data.get(key);
    if (old === undefined) return;
    this.#forget(key, old);
    this.data.delete(key);
    this.#writer.byte(DELETE);
    this.#writer.text(key);
  }

  setConfig(name: string, value: Uint8Array): void {
    this.config.set(name, value);
    writeConfig(this.#writer, name, value);
  }

  /** The journal record, until the next batch begins; once. */
  encoded(): Uint8Array {
    assert(!this.#taken, 'a batch is committed once');
    this.#taken = true;
    return this.#writer.view();
  }

  #forget(key: string, old: Uint8Array): void {
    this.digest?.remove(key, old);
    this.liveBytes -= key.length + old.length;
  }
}

/** Raft nodes on simulated machines without a server around them: for raft's tests, its failover times and its cost. */
import type { Crypto } from '../core/crypto/crypto.ts';
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import { RaftNode, RaftStorage } from '../core/raft/node.ts';
import type { Entry, Fsm, FsmSnapshot, RaftOptions, Server, SnapshotMeta, StreamLayer } from '../core/raft/types.ts';
import type { Disk, Micros, Runtime } from '../core/runtime.ts';
import { SECOND } from '../core/runtime.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { Bench } from './testing.ts';
import type { LinkProfile } from './network/link.ts';

const PORT = 8201;

/** The list of all applied commands, in a file. */
export class ListFsm implements Fsm {
  readonly #disk: Disk;
  readonly lines: string[] = [];
  #index = 0;
  #term = 0;

  private constructor(disk: Disk) {
    this.#disk = disk;
  }

  static async open(disk: Disk): Promise<ListFsm> {
    const fsm = new ListFsm(disk);
    const bytes = await disk.readFile('state');
    if (bytes !== undefined) fsm.#load(decodeUtf8(bytes));
    return fsm;
  }

  async apply(entries: readonly Entry[]): Promise<readonly unknown[]> {
    const results = entries.map(({ type, data }) => {
      if (type === 'command') this.lines.push(decodeUtf8(data));
      return this.lines.length;
    });
    const last = entries.at(-1)!;
    this.#index = last.index;
    this.#term = last.term;
    await this.#save();
    return results;
  }

  applied(): { index: number; term: number } {
    return { index: this.#index, term: this.#term };
  }

  snapshot(): Promise<FsmSnapshot> {
    const bytes = encodeUtf8(this.#text());
    return Promise.resolve({
      // eslint-disable-next-line @typescript-eslint/require-await
      read: async function* () {
        for (let at = 0; at < bytes.length; at += 1000) yield bytes.slice(at, at + 1000);
      },
      release: () => {},
    });
  }

  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of chunks) text += decodeUtf8(chunk);
    this.#load(text);
    this.#index = meta.index;
    this.#term = meta.term;
    await this.#save();
  }

  #text(): string {
    return [this.#index, this.#term, ...this.lines].join('\n');
  }

  #load(text: string): void {
    const [index, term, ...lines] = text.split('\n');
    this.#index = Number(index);
    this.#term = Number(term);
    this.lines.splice(0, this.lines.length, ...lines);
  }

  async #save(): Promise<void> {
    await this.#disk.writeFile('state', encodeUtf8(this.#text()), { sync: true });
  }
}

/** Plain connections, without the cluster listener's TLS. */
export const plainStreams = (runtime: Runtime, address: string): StreamLayer => ({
  dial: (to, timeout) => runtime.network.dial(to, timeout),
  accept: (handle) => void runtime.network.listen(address, handle),
});

export interface RaftBenchOptions extends Partial<RaftOptions> {
  readonly nodes?: number;
  readonly seed?: string;
  readonly profile?: LinkProfile;
  readonly machine?: Partial<MachineOptions>;
}

export interface BenchNode {
  readonly name: string;
  readonly machine: Machine;
  raft: RaftNode | undefined;
  fsm: ListFsm | undefined;
}

export class RaftBench {
  readonly bench: Bench;
  readonly nodes: BenchNode[] = [];
  readonly #options: RaftBenchOptions;

  constructor(crypto: Crypto, options: RaftBenchOptions = {}) {
    this.#options = options;
    const profile = options.profile;
    this.bench = new Bench(crypto, options.seed ?? '1', profile === undefined ? {} : { profile });
    const names = Array.from({ length: options.nodes ?? 3 }, (_, n) => `n${n + 1}`);
    const servers = names.map((id): Server => ({ id, address: `${id}:${PORT}`, suffrage: 'voter' }));
    for (const name of names) this.add(name, servers);
  }

  /** A machine that bootstraps itself with `servers` on its first start. */
  add(name: string, servers: readonly Server[]): BenchNode {
    const machine = this.bench.machine(name, this.#options.machine);
    const node: BenchNode = { name, machine, raft: undefined, fsm: undefined };
    this.nodes.push(node);
    machine.start(async (runtime) => {
      node.raft = undefined;
      const storage = new RaftStorage(runtime, 'raft');
      if (!(await storage.hasState())) await storage.bootstrap({ servers });
      const fsm = await ListFsm.open(runtime.disk);
      const address = `${name}:${PORT}`;
      node.fsm = fsm;
      node.raft = await RaftNode.start(runtime, storage, {
        performanceMultiplier: 5,
        trailingLogs: 10_240,
        snapshotThreshold: 8_192,
        snapshotInterval: 120 * SECOND,
        ...this.#options,
        id: name,
        address,
        fsm,
        streams: plainStreams(runtime, address),
      });
      node.raft.onPanic((message) => {
        throw new Error(message);
      });
    });
    return node;
  }

  get now(): Micros {
    return this.bench.world.now;
  }

  get leader(): BenchNode | undefined {
    return this.nodes.find(({ machine, raft }) => machine.state === 'running' && raft?.isLeader() === true);
  }
}

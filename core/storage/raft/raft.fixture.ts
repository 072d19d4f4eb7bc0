/** Raft without raft, for tests of what stands on it: one node that commits at once what it is given as leader. */
import { noBytes } from '../../codec/bytes.ts';
import { raftError } from '../../raft/errors.ts';
import type { Configuration, Entry, Fsm } from '../../raft/types.ts';
import type { Raft, RaftFiles } from './port.ts';

export class LonelyRaft implements RaftFiles {
  entries: Entry[] = [];
  leading = false;
  transfers = 0;
  #fsm: Fsm | undefined;
  #configuration: Configuration = { servers: [] };
  #queue: Promise<unknown> = Promise.resolve();
  #notify: (leader: boolean) => void = () => {};

  lead(leading: boolean): void {
    this.leading = leading;
    this.#notify(leading);
  }

  async hasState(): Promise<boolean> {
    return this.#configuration.servers.length > 0;
  }

  async bootstrap(configuration: Configuration): Promise<void> {
    this.#configuration = configuration;
  }

  async recover(configuration: Configuration): Promise<void> {
    this.#configuration = configuration;
  }

  async start({ fsm }: { fsm: Fsm }): Promise<Raft> {
    this.#fsm = fsm;
    const change = (servers: Configuration['servers']): Promise<number> => {
      this.#configuration = { servers };
      return Promise.resolve(1);
    };
    const without = (id: string): Configuration['servers'] =>
      this.#configuration.servers.filter((server) => server.id !== id);
    return {
      isLeader: () => this.leading,
      leader: () => undefined,
      term: () => 1,
      lastIndex: () => this.entries.length,
      commitIndex: () => this.entries.length,
      appliedIndex: () => fsm.applied().index,
      configuration: () => ({ index: 1, configuration: this.#configuration }),
      apply: (data, extensions = noBytes) => this.#apply(data, extensions),
      addVoter: (id, address) => change([...without(id), { id, address, suffrage: 'voter' }]),
      addNonvoter: (id, address) => change([...without(id), { id, address, suffrage: 'nonvoter' }]),
      demoteVoter: (id) => change([...without(id), { id, address: '', suffrage: 'nonvoter' }]),
      removeServer: (id) => change(without(id)),
      transferLeadership: async () => {
        this.transfers++;
        this.lead(false);
      },
      snapshot: async () => ({
        meta: { ...fsm.applied(), configuration: this.#configuration, configurationIndex: 1, size: 0 },
        state: await fsm.snapshot(),
      }),
      restore: (meta, chunks) => fsm.restore(meta, chunks),
      onLeadership: (notify) => {
        this.#notify = notify;
      },
      shutdown: async () => {},
    };
  }

  #apply(data: Uint8Array, extensions: Uint8Array): Promise<unknown> {
    if (!this.leading) return Promise.reject(raftError('not-leader'));
    const entry: Entry = { index: this.entries.length + 1, term: 1, type: 'command', data, extensions };
    this.entries.push(entry);
    const result = this.#queue.then(async () => (await this.#fsm!.apply([entry]))[0]);
    this.#queue = result;
    return result;
  }
}

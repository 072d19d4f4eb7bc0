/** Who is active, for a standby: the lock's value leads to the advertisement, and that to a connection (facts §3.1). */
import type { HaNode } from '../ha-port.ts';
import { type Advertisement, LEADER_PREFIX, parseAdvertisement } from './advertisement.ts';
import { tellNoForwarding } from '../no-forwarding.ts';
import type { EchoCall } from './calls.ts';
import type { ClusterListener } from './cluster-listener.ts';
import { ForwardingClient } from './forwarding-client.ts';

interface Known extends Advertisement {
  readonly uuid: string;
}

export class LeaderFinder {
  readonly #node: HaNode;
  readonly #listener: ClusterListener;
  readonly #lockValue: () => Promise<string | undefined>;
  readonly #echo: () => EchoCall;
  /** What is remembered of storage is right only as long as its active node tells what it changes. */
  readonly #told: boolean;
  #known: Known | undefined;
  #client: ForwardingClient | undefined;
  #performanceMode = 'unknown';
  #forwards = false;
  /** The cluster address of who was active before, as last told. */
  #past = '';

  constructor(
    node: HaNode,
    listener: ClusterListener,
    lockValue: () => Promise<string | undefined>,
    echo: () => EchoCall,
    told: boolean,
  ) {
    this.#node = node;
    this.#listener = listener;
    this.#lockValue = lockValue;
    this.#echo = echo;
    this.#told = told;
  }

  get client(): ForwardingClient | undefined {
    return this.#client;
  }

  /** Whether anybody was found to hand requests on to, even if he is gone by now. */
  get forwards(): boolean {
    return this.#forwards;
  }

  /** As the active node last said; 'unknown' before it did. */
  get performanceMode(): string {
    return this.#performanceMode;
  }

  /** Raft's lock does not expire: this may name a node that is long dead. Undefined while nobody has advertised. */
  async find(): Promise<Advertisement | undefined> {
    const uuid = await this.#lockValue();
    if (this.#told && this.#known !== undefined && this.#known.uuid !== uuid) this.#hangUp();
    if (uuid === undefined) return undefined;
    if (this.#known?.uuid === uuid) return this.#known;
    const stored = await this.#node.barrier.get(LEADER_PREFIX + uuid);
    if (stored === undefined) return undefined;
    const found = parseAdvertisement(stored);
    // What this node left behind when it was active itself.
    if (found.clusterAddress === this.#node.clusterAddr && found.apiAddress === this.#node.apiAddr) return undefined;
    if (this.#known?.uuid === uuid) return this.#known;
    this.#hangUp();
    this.#known = { ...found, uuid };
    this.#tell(found);
    this.#connect(found);
    return found;
  }

  /** Now and then, whoever asks in between. */
  async refresh(): Promise<void> {
    const found = await this.find();
    if (found === undefined || found.clusterAddress === this.#past) return;
    const { log } = this.#node.runtime;
    log.write('debug', 'core', 'new leader found', { new: found.clusterAddress, past: this.#past });
    this.#past = found.clusterAddress;
  }

  #tell({ clusterAddress, apiAddress }: Advertisement): void {
    const { log } = this.#node.runtime;
    log.write('debug', 'core', 'parsing information for new active node', {
      active_cluster_addr: clusterAddress,
      active_redirect_addr: apiAddress,
    });
    log.write('debug', 'core', 'refreshing forwarding connection', { clusterAddr: clusterAddress });
    tellNoForwarding(log, this.#forwards);
    if (this.#told) {
      log.write('info', 'core', 'restarting standby as active node has changed; may enable grpc invalidation');
      this.#past = '';
    }
    log.write('debug', 'core', 'done refreshing forwarding connection', { clusterAddr: clusterAddress });
  }

  /** A key changed in storage: an active node that leaves in good order takes its advertisement back. */
  changed(key: string): void {
    if (this.#known !== undefined && key === LEADER_PREFIX + this.#known.uuid) this.#known = undefined;
  }

  /** Forgets the leader and ends what is being forwarded. */
  close(): void {
    this.#hangUp();
    this.#forwards = false;
    this.#past = '';
  }

  #hangUp(): void {
    this.#client?.close();
    this.#client = undefined;
    this.#known = undefined;
    this.#performanceMode = 'unknown';
  }

  #connect({ clusterAddress, identity }: Advertisement): void {
    this.#forwards = clusterAddress !== '';
    if (!this.#forwards) return;
    const host = clusterAddress.replace(/^https?:\/\//, '');
    const client = new ForwardingClient(this.#node.runtime, this.#listener, host, identity);
    this.#client = client;
    client.startHeartbeat(this.#echo, (mode) => {
      this.#performanceMode = mode;
    });
    client.startKeySync(this.#node);
  }
}

/** Whoever breaks a real cluster: writes all the time, and keeps what was done when. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { RealCluster, RealNode } from '../cluster.ts';
import type { SeparateHomes } from '../failover/separate-homes.ts';

export interface Done {
  readonly what: string;
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const WRITE_PAUSE = 50;
const WRITE_TIMEOUT = 300;

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Breaker {
  readonly done: Done[] = [];
  readonly pauses: number[] = [];
  /** The one that was active when it began. */
  readonly leader: RealNode;
  readonly others: readonly RealNode[];
  readonly cluster: RealCluster;
  readonly #network: SeparateHomes | undefined;
  readonly #stopped = new Set<RealNode>();
  #tracer: ChildProcess | undefined;

  constructor(cluster: RealCluster, leader: RealNode, network: SeparateHomes | undefined) {
    this.cluster = cluster;
    this.leader = leader;
    this.others = cluster.nodes.filter((node) => node !== leader);
    this.#network = network;
  }

  /** Writes before, while and after it is broken; ends when it is whole again. */
  async play(story: (breaker: Breaker) => Promise<void>): Promise<void> {
    let over = false;
    const written = this.#write(() => over);
    await pause(4_000);
    await story(this);
    await this.cluster.healthy(300_000);
    await pause(4_000);
    over = true;
    await written;
    this.pauses.sort((a, b) => b - a).splice(5);
  }

  kill(node: RealNode): Promise<void> {
    this.#note('kill', node);
    this.#stopped.add(node);
    return node.kill();
  }

  terminate(node: RealNode): Promise<void> {
    this.#note('terminate', node);
    this.#stopped.add(node);
    return node.end('SIGTERM');
  }

  start(node: RealNode): void {
    this.#note('start', node);
    this.#stopped.delete(node);
    node.start();
  }

  async unseal(node: RealNode): Promise<void> {
    this.#note('unseal', node);
    await this.cluster.unseal(node);
  }

  stop(node: RealNode): void {
    this.#note('pause', node);
    this.#stopped.add(node);
    node.signal('SIGSTOP');
  }

  goOn(node: RealNode): void {
    this.#note('resume', node);
    this.#stopped.delete(node);
    node.signal('SIGCONT');
  }

  async ask(what: 'step-down' | 'seal', node: RealNode): Promise<void> {
    this.#note(what, node);
    await node.request('PUT', `sys/${what}`, { token: this.cluster.token });
  }

  cut(node: RealNode): void {
    this.#note('isolate', node);
    for (const other of this.cluster.nodes) if (other !== node) this.#network!.cut(node.host, other.host);
  }

  heal(node: RealNode): void {
    this.#note('heal', node);
    for (const other of this.cluster.nodes) if (other !== node) this.#network!.mend(node.host, other.host);
  }

  /** Each of its syncs takes so much longer. */
  async slow(node: RealNode, ms: number): Promise<void> {
    this.#note('slow disk', node);
    const inject = `inject=fsync,fdatasync:delay_enter=${ms * 1_000}`;
    const words = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', inject];
    this.#tracer = spawn('strace', [...words, '-p', String(node.pid)], { stdio: 'inherit' });
    await pause(500);
  }

  async mend(node: RealNode): Promise<void> {
    const gone = new Promise((resolve) => this.#tracer!.once('exit', resolve));
    this.#tracer!.kill('SIGTERM');
    await gone;
    this.#note('disk well', node);
  }

  #note(what: string, { name }: RealNode): void {
    this.done.push({ what, node: name, at: Date.now() });
  }

  async #write(over: () => boolean): Promise<void> {
    let last = performance.now();
    for (let turn = 0; !over(); turn += 1) {
      const node = this.cluster.nodes[turn % this.cluster.nodes.length]!;
      if (this.#stopped.has(node)) {
        await pause(1);
        continue;
      }
      const options = { token: this.cluster.token, body: { turn }, timeout: WRITE_TIMEOUT };
      if ((await node.request('PUT', 'kv/outage', options)).status === 204) {
        const now = performance.now();
        this.pauses.push(Math.round(now - last));
        last = now;
      }
      await pause(WRITE_PAUSE);
    }
  }
}

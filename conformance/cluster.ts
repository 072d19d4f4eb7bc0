/** A real raft cluster of OpenBao programs on loopback: static seal, retry_join, all voters when it is handed over. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './program.ts';

export interface ClusterOptions {
  readonly program: string;
  /** Words before `server`. */
  readonly arguments?: readonly string[];
  /** Holds each node's data, configuration and log. */
  readonly folder: string;
  readonly nodes?: number;
  readonly multiplier?: number;
  readonly logLevel?: string;
  /** More lines for every node's configuration. */
  readonly extra?: string;
  /** Sealed with a share that somebody has to give, instead of the static seal. */
  readonly shamir?: boolean;
  /** The first of their ports, from which they are counted; free ones unless given. */
  readonly firstPort?: number;
  /** Where the nodes live; all on 127.0.0.1 unless given. */
  readonly homes?: readonly Home[];
}

/** An address, and the words before a command that has to run where it is. */
export interface Home {
  readonly host: string;
  readonly command: readonly string[];
}

/** Where programs on this machine live. */
export const LOOPBACK: Home = { host: '127.0.0.1', command: [] };

const STATIC_KEY = '6d6f746865722d6f662d616c6c2d73746174696d2d6b6579732d666f722d7473'.padEnd(64, '0').slice(0, 64);

export class RealNode {
  readonly name: string;
  readonly port: number;
  readonly clusterPort: number;
  readonly log: string;
  readonly host: string;
  readonly #program: string;
  readonly #arguments: readonly string[];
  readonly #config: string;
  #child: ChildProcess | undefined;

  constructor(
    name: string,
    host: string,
    ports: readonly [api: number, cluster: number],
    program: readonly string[],
    folder: string,
  ) {
    this.name = name;
    this.host = host;
    const [port, clusterPort] = ports;
    this.port = port;
    this.clusterPort = clusterPort;
    this.log = join(folder, `${name}.log`);
    this.#program = program[0]!;
    this.#arguments = program.slice(1);
    this.#config = join(folder, `${name}.hcl`);
  }

  get address(): string {
    return `http://${this.host}:${this.port}`;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  start(): void {
    this.#child = spawn(this.#program, [...this.#arguments, 'server', `-config=${this.#config}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(this.log, { flags: 'a' });
    this.#child.stdout!.pipe(log);
    this.#child.stderr!.pipe(log);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Sends a signal that ends the process, and waits until it has. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }

  /** The status of a request, 0 when there was no answer within `timeout` ms. */
  async request(
    method: string,
    path: string,
    options: { token?: string; body?: unknown; timeout?: number; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<{ status: number; body: unknown }> {
    try {
      const response = await fetch(`${this.address}/v1/${path}`, {
        method,
        headers: { ...(options.token ? { 'X-Vault-Token': options.token } : {}), ...options.headers },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeout ?? 5_000),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch {
      return { status: 0, body: undefined };
    }
  }
}

export class RealCluster {
  readonly nodes: readonly RealNode[];
  token = '';
  /** Where there is no auto seal. */
  share: string | undefined;

  private constructor(nodes: readonly RealNode[]) {
    this.nodes = nodes;
  }

  static async start(options: ClusterOptions): Promise<RealCluster> {
    const { program, folder, multiplier = 5, logLevel = 'info', extra = '', shamir = false } = options;
    mkdirSync(folder, { recursive: true });
    const nodes: RealNode[] = [];
    for (let index = 1; index <= (options.nodes ?? 3); index += 1) {
      const { host, command } = options.homes?.[index - 1] ?? LOOPBACK;
      const words = [...command, program, ...(options.arguments ?? [])];
      const { firstPort } = options;
      const port = async (which: number): Promise<number> =>
        firstPort === undefined ? freePort() : firstPort + 2 * (index - 1) + which;
      nodes.push(new RealNode(`n${index}`, host, [await port(0), await port(1)], words, folder));
    }
    for (const node of nodes) {
      const joins = nodes
        .filter((other) => other !== node)
        .map((other) => `  retry_join {\n    leader_api_addr = "${other.address}"\n  }\n`);
      mkdirSync(join(folder, node.name), { recursive: true });
      await writeFile(
        join(folder, `${node.name}.hcl`),
        `storage "raft" {\n  path = "${join(folder, node.name)}"\n  node_id = "${node.name}"\n  performance_multiplier = ${multiplier}\n${joins.join('')}}\n` +
          `listener "tcp" {\n  address = "${node.host}:${node.port}"\n  cluster_address = "${node.host}:${node.clusterPort}"\n  tls_disable = true\n}\n` +
          (shamir ? '' : `seal "static" {\n  current_key_id = "k1"\n  current_key = "${STATIC_KEY}"\n}\n`) +
          `api_addr = "${node.address}"\ncluster_addr = "https://${node.host}:${node.clusterPort}"\ncluster_name = "real"\nlog_level = "${logLevel}"\n${extra}`,
      );
    }
    const cluster = new RealCluster(nodes);
    nodes[0]!.start();
    const init = await eventually('the first node initialises', async () => {
      const { status, body } = await nodes[0]!.request('PUT', 'sys/init', {
        body: shamir ? { secret_shares: 1, secret_threshold: 1 } : { recovery_shares: 0, recovery_threshold: 0 },
        timeout: 60_000,
      });
      return status === 200 ? (body as { root_token: string; keys?: string[] }) : undefined;
    });
    cluster.token = init.root_token;
    cluster.share = init.keys?.[0];
    for (const node of nodes.slice(1)) node.start();
    if (shamir) for (const node of nodes) await cluster.unseal(node);
    await cluster.healthy();
    return cluster;
  }

  /** Gives the share as soon as the node takes it. */
  async unseal(node: RealNode): Promise<void> {
    await eventually(`${node.name} is unsealed`, async () => {
      const { body } = await node.request('PUT', 'sys/unseal', { body: { key: this.share } });
      return (body as { sealed?: boolean } | undefined)?.sealed === false ? true : undefined;
    });
  }

  async leader(): Promise<RealNode | undefined> {
    for (const node of this.nodes)
      if ((await node.request('GET', 'sys/health', { timeout: 300 })).status === 200) return node;
    return undefined;
  }

  /** One node answers 200, the others 429, and all are voters. */
  async healthy(timeout = 120_000): Promise<RealNode> {
    return eventually(
      'the cluster is healthy',
      async () => {
        const statuses = await Promise.all(
          this.nodes.map(async (node) => (await node.request('GET', 'sys/health', { timeout: 500 })).status),
        );
        if (statuses.filter((status) => status === 200).length !== 1) return undefined;
        if (statuses.filter((status) => status === 429).length !== this.nodes.length - 1) return undefined;
        const leader = this.nodes[statuses.indexOf(200)]!;
        const { body } = await leader.request('GET', 'sys/storage/raft/configuration', { token: this.token });
        const servers =
          (body as { data?: { config?: { servers?: { voter: boolean }[] } } } | undefined)?.data?.config?.servers ?? [];
        return servers.length === this.nodes.length && servers.every(({ voter }) => voter) ? leader : undefined;
      },
      timeout,
    );
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) node.signal('SIGCONT');
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  async logs(): Promise<string> {
    const texts = await Promise.all(this.nodes.map((node) => readFile(node.log, 'utf8')));
    return texts.join('\n');
  }
}

/** Polls until `probe` gives something; throws what was waited for after `timeout` ms. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>, timeout = 60_000): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${timeout} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

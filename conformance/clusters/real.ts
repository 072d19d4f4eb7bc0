/** Scripts against the real program: a cluster on loopback, as a script's plan wants it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, LOOPBACK, RealNode } from '../cluster.ts';
import { freePort } from '../program.ts';
import type { ClusterPlan } from './script.ts';
import type { Got, Sent, Target } from './target.ts';

const STATIC_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const TIMEOUT = 20_000;

export class RealTarget implements Target {
  readonly nodes: readonly string[];
  rootToken = '';
  shares: readonly string[] = [];
  readonly #all = new Map<string, RealNode>();

  private constructor(nodes: readonly string[]) {
    this.nodes = nodes;
  }

  static async start(command: readonly string[], folder: string, plan: ClusterPlan): Promise<RealTarget> {
    const names = Array.from({ length: plan.nodes + plan.spares }, (_, index) => `n${index + 1}`);
    const target = new RealTarget(names.slice(0, plan.nodes));
    mkdirSync(folder, { recursive: true });
    for (const name of names)
      target.#all.set(name, new RealNode(name, LOOPBACK.host, [await freePort(), await freePort()], command, folder));
    for (const node of target.#all.values()) {
      const joins = target.nodes.includes(node.name) ? target.nodes.filter((other) => other !== node.name) : [];
      mkdirSync(join(folder, node.name), { recursive: true });
      writeFileSync(join(folder, `${node.name}.hcl`), target.#config(node, folder, plan, joins));
    }
    await target.#up(plan);
    return target;
  }

  address(node: string): { api: string; cluster: string } {
    const found = this.#all.get(node);
    return { api: `127.0.0.1:${found?.port}`, cluster: `127.0.0.1:${found?.clusterPort}` };
  }

  async send(node: string, { method, url, headers, body }: Sent): Promise<Got> {
    try {
      const response = await fetch(`${this.#all.get(node)!.address}${url}`, {
        method,
        headers: headers.map(([name, value]) => [name, value] as [string, string]),
        ...(body.length === 0 ? {} : { body: Buffer.from(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT),
      });
      return {
        status: response.status,
        headers: [...response.headers],
        body: new Uint8Array(await response.arrayBuffer()),
      };
    } catch {
      return { status: 0, headers: [], body: new Uint8Array() };
    }
  }

  wait(duration: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, duration));
  }

  kill(node: string): Promise<void> {
    return this.#all.get(node)!.kill();
  }

  stop(node: string): Promise<void> {
    this.#all.get(node)!.signal('SIGSTOP');
    return Promise.resolve();
  }

  resume(node: string): Promise<void> {
    this.#all.get(node)!.signal('SIGCONT');
    return Promise.resolve();
  }

  async start(node: string): Promise<void> {
    this.#all.get(node)!.start();
    await eventually(`${node} answers`, async () => (await this.#health(node)) || undefined);
  }

  async close(): Promise<void> {
    for (const node of this.#all.values()) {
      node.signal('SIGCONT');
      await node.kill();
    }
  }

  async #up(plan: ClusterPlan): Promise<void> {
    const [first = '', ...others] = this.nodes;
    await this.start(first);
    const body =
      plan.seal === 'static'
        ? { recovery_shares: 1, recovery_threshold: 1 }
        : { secret_shares: 3, secret_threshold: 2 };
    const made = await this.#json(first, 'PUT', 'sys/init', body);
    this.rootToken = made['root_token'] as string;
    if (plan.seal === 'shamir') this.shares = made['keys_base64'] as string[];
    await this.#unseal(first);
    await eventually('the first node is active', async () => (await this.#health(first)) === 200 || undefined);
    for (const node of others) {
      await this.start(node);
      if (plan.seal === 'static') continue;
      await eventually(`${node} has joined`, async () => (await this.#health(node)) === 503 || undefined);
      await this.#unseal(node);
    }
    await eventually(
      'all are voters',
      async () => (await this.#voters(first)) === this.nodes.length || undefined,
      120_000,
    );
    for (const node of others)
      await eventually(`${node} stands by`, async () => (await this.#health(node)) === 429 || undefined);
  }

  async #unseal(node: string): Promise<void> {
    for (const key of this.shares.slice(0, 2)) await this.#json(node, 'PUT', 'sys/unseal', { key });
  }

  async #health(node: string): Promise<number> {
    return (await this.send(node, { method: 'GET', url: '/v1/sys/health', headers: [], body: new Uint8Array() }))
      .status;
  }

  async #voters(node: string): Promise<number> {
    const { data } = await this.#json(node, 'GET', 'sys/storage/raft/configuration');
    const servers = (data as { config?: { servers?: { voter: boolean }[] } } | undefined)?.config?.servers ?? [];
    return servers.filter(({ voter }) => voter).length;
  }

  async #json(node: string, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const sent = {
      method,
      url: `/v1/${path}`,
      headers: [['X-Vault-Token', this.rootToken]] as const,
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    };
    const got = await this.send(node, sent);
    return got.body.length === 0 ? {} : (JSON.parse(Buffer.from(got.body).toString()) as Record<string, unknown>);
  }

  #config(node: RealNode, folder: string, plan: ClusterPlan, joins: readonly string[]): string {
    const join_ = joins
      .map((other) => `  retry_join {\n    leader_api_addr = "http://${this.address(other).api}"\n  }\n`)
      .join('');
    const seal = `seal "static" {\n  current_key_id = "k1"\n  current_key = "${STATIC_KEY}"\n}\n`;
    return (
      `storage "raft" {\n  path = "${join(folder, node.name)}"\n  node_id = "${node.name}"\n  performance_multiplier = 1\n${join_}}\n` +
      `listener "tcp" {\n  address = "127.0.0.1:${node.port}"\n  cluster_address = "127.0.0.1:${node.clusterPort}"\n  tls_disable = true\n}\n` +
      (plan.seal === 'static' ? seal : '') +
      `api_addr = "${node.address}"\ncluster_addr = "https://127.0.0.1:${node.clusterPort}"\n` +
      (plan.reads ? '' : 'disable_standby_reads = true\n')
    );
  }
}

/** The real server and ours, each started with the same configuration in a folder of its own, and asked the same. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { eventually } from '../cluster.ts';
import { throwAwayCertificate } from '../fixtures/certificate.ts';
import { baoProgram, freePort } from '../program.ts';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));
const PORTS = 6;
/** Headers of a request that a standby is not to hand on. */
export const ALONE = { 'X-Vault-No-Request-Forwarding': '1' };

export type Kind = 'real' | 'ours';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Of the server's ports, the first when left out. */
  readonly port?: number;
  /** '' for none; the root token when left out. */
  readonly token?: string;
}

/** A server of either kind. @DIR is its folder, with data/, cert.pem and key.pem; @P0 … are free ports. */
export class BesideServer {
  readonly folder: string;
  readonly ports: readonly number[];
  root = '';
  keys: readonly string[] = [];
  #printed = '';
  #process: ChildProcess | undefined;
  readonly #command: readonly string[];
  #config = '';

  constructor(command: readonly string[], folder: string, ports: readonly number[]) {
    this.#command = command;
    this.folder = folder;
    this.ports = ports;
  }

  static async make(kind: Kind): Promise<BesideServer> {
    const command = kind === 'real' ? [await baoProgram()] : [process.execPath, steamer];
    const folder = await mkdtemp(join(tmpdir(), 'steamer-beside-'));
    await mkdir(join(folder, 'data'));
    const ports: number[] = [];
    while (ports.length < PORTS) ports.push(await freePort());
    const server = new BesideServer(command, folder, ports);
    await server.certificate('localhost');
    return server;
  }

  static async started(kind: Kind, configuration: string): Promise<BesideServer> {
    const server = await BesideServer.make(kind);
    await server.configure(configuration);
    await server.start();
    return server;
  }

  /** Replaces cert.pem and key.pem. */
  async certificate(commonName: string): Promise<void> {
    const { pem, keyPem } = throwAwayCertificate(commonName);
    await writeFile(join(this.folder, 'key.pem'), keyPem);
    await writeFile(join(this.folder, 'cert.pem'), pem);
  }

  filled(text: string): string {
    return text.replaceAll('@DIR', this.folder).replaceAll(/@P(\d)/g, (_, index) => String(this.ports[Number(index)]));
  }

  async configure(text: string): Promise<void> {
    this.#config = join(this.folder, 'server.hcl');
    await writeFile(this.#config, this.filled(text));
  }

  /** Until it listens, or has ended. */
  async start(flags: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const [program = '', ...head] = this.#command;
    const config = this.#config === '' ? [] : [`-config=${this.#config}`];
    const child = spawn(program, [...head, 'server', ...config, ...flags.map((flag) => this.filled(flag))], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: this.folder, ...environment },
    });
    this.#listen(child.stdout);
    this.#listen(child.stderr);
    this.#process = child;
    // A test that runs out of time leaves nothing behind.
    const orphaned = (): void => void child.kill('SIGKILL');
    process.once('exit', orphaned);
    child.once('exit', () => process.off('exit', orphaned));
    await until(() => child.exitCode !== null || /server started!/.test(this.#printed.slice(this.#mark)));
  }

  /** Line by line, so that one stream does not cut a line of the other in two. */
  #listen(stream: Readable): void {
    let open = '';
    stream.on('data', (chunk: Buffer) => {
      const text = open + chunk.toString();
      const end = text.lastIndexOf('\n') + 1;
      this.#printed += text.slice(0, end);
      open = text.slice(end);
    });
    stream.on('end', () => (this.#printed += open));
  }

  #mark = 0;

  /** What is printed from now on. */
  mark(): void {
    this.#mark = this.#printed.length;
  }

  get printed(): string {
    return this.#printed
      .slice(this.#mark)
      .replaceAll(this.folder, '@DIR')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS');
  }

  /** Lines of the log that fit, without their time. */
  lines(pattern: RegExp): string[] {
    const lines = this.printed.split('\n').map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+ /, ''));
    return lines.filter((line) => pattern.test(line));
  }

  get exitCode(): number | null {
    return this.#process?.exitCode ?? null;
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  call(method: string, path: string, { body, headers = {}, port = 0, token }: Asked = {}): Promise<Answer> {
    const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const own = token ?? this.root;
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port: this.ports[port],
          method,
          path: path.startsWith('/') ? path : `/v1/${path}`,
          agent: false,
          headers: { ...(own === '' ? {} : { 'X-Vault-Token': own }), ...headers },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(sent);
    });
  }

  /** Status and body. */
  async ask(method: string, path: string, asked?: Asked): Promise<readonly [number, string]> {
    const { status, text } = await this.call(method, path, asked);
    return [status, text];
  }

  /** Initialised with one share, unsealed, and active. */
  async initialise(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const shares = { secret_shares: 1, secret_threshold: 1 };
    const { text } = await this.call('PUT', 'sys/init', { body: shares, headers, token: '' });
    const made = JSON.parse(text) as { root_token: string; keys_base64: string[] };
    this.root = made.root_token;
    this.keys = made.keys_base64;
    await this.unseal(headers);
    await until(async () => (await this.ask('GET', 'sys/health', { headers }))[0] === 200);
  }

  async unseal(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.call('PUT', 'sys/unseal', { body: { key: this.keys[0] }, headers, token: '' });
  }

  /** A standby of the raft cluster that `leader` began, unsealed and answering by itself. */
  async join(leader: BesideServer): Promise<void> {
    this.root = leader.root;
    this.keys = leader.keys;
    const body = { leader_api_addr: leader.filled('http://127.0.0.1:@P0') };
    await this.call('PUT', 'sys/storage/raft/join', { body, token: '' });
    await this.unseal();
    await until(async () => (await this.ask('GET', 'sys/mounts', { headers: ALONE }))[0] === 200);
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(hard);
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const PATIENCE_MILLIS = 30_000;

/** Rejects when it does not come true. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(holds.toString(), async () => (await holds()) || undefined, PATIENCE_MILLIS);
}

/** What the same steps see on either, which has to be the same. */
export async function same<T>(play: (server: BesideServer, kind: Kind) => Promise<T>): Promise<T> {
  const one = async (kind: Kind): Promise<T> => {
    const server = await BesideServer.make(kind);
    try {
      return await play(server, kind);
    } catch (error) {
      throw new Error(`${kind}: ${error instanceof Error ? error.message : String(error)}\n${server.printed}`, {
        cause: error,
      });
    } finally {
      await server.remove();
    }
  };
  const [real, ours] = await Promise.all([one('real'), one('ours')]);
  expect(ours).toEqual(real);
  return real;
}

/** One server without TLS; `listener` and `top` are further settings. */
export const plainServer = (listener = '', top = ''): string => `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:@P0"
  tls_disable = true
  ${listener}
}
api_addr = "http://127.0.0.1:@P0"
${top}
`;

/** One server without TLS on the ports @P0 and @P1; `more` goes below. */
export const clusteredServer = (storage: string, more = ''): string => `${storage}
listener "tcp" {
  address = "127.0.0.1:@P0"
  cluster_address = "127.0.0.1:@P1"
  tls_disable = true
}
api_addr = "http://127.0.0.1:@P0"
cluster_addr = "https://127.0.0.1:@P1"
${more}
`;

/** The same on raft. */
export const raftServer = (more: string, node = 'one'): string =>
  clusteredServer(`storage "raft" {\n  path = "@DIR/data"\n  node_id = "${node}"\n}`, more);

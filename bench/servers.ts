/** The two servers that are compared, started the same way: ours from the source, the real one from its program. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, startProgram, type Server } from '../conformance/program.ts';
import { Api } from './api.ts';

const steamer = fileURLToPath(new URL('../bin/steamer.mjs', import.meta.url));
const builder = fileURLToPath(new URL('../bin/package/build.ts', import.meta.url));
const published = fileURLToPath(new URL('../dist/package/bin/steamer.js', import.meta.url));

/** A server program and the words that precede `-dev` or `-config`. */
export interface Program {
  readonly command: string;
  readonly head: readonly string[];
}

export const oursProgram: Program = { command: process.execPath, head: [steamer, 'server'] };
/** As somebody gets it from the registry: built afresh in dist/package. */
export async function publishedProgram(): Promise<Program> {
  await promisify(execFile)(process.execPath, [builder]);
  return { command: process.execPath, head: [published, 'server'] };
}
export const realProgram = (bao: string): Program => ({ command: bao, head: ['server'] });

export interface Running {
  readonly api: Api;
  readonly pid: number;
  stop(): Promise<void>;
}

const running = (server: Server, token: string, stop = () => server.stop()): Running => ({
  api: new Api(server.address, token),
  pid: server.process.pid!,
  stop,
});

/** Everything in memory; KV v2 at secret/. */
export async function startDev({ command, head }: Program): Promise<Running> {
  const port = await freePort();
  const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
  return running(await startProgram(command, [...head, ...flags], port), 'root');
}

/** A folder for one node on raft storage, and how its program is started over it again and again. */
export class RaftPlace {
  readonly #program: Program;
  readonly #folder: string;
  readonly #port: number;
  #keys: { readonly keys: readonly string[]; readonly root_token: string } | undefined;

  private constructor(program: Program, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.#port = port;
  }

  /** `above`: where the folder is made. */
  static async make(program: Program, above = tmpdir()): Promise<RaftPlace> {
    const folder = await mkdtemp(join(above, 'steamer-bench-'));
    const [port, clusterPort] = [await freePort(), await freePort()];
    const config = `
storage "raft" {
  path = "${folder}"
  node_id = "n1"
}
listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${clusterPort}"
  tls_disable = true
}
api_addr = "http://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${clusterPort}"
`;
    await writeFile(join(folder, 'config.hcl'), config);
    return new RaftPlace(program, folder, port);
  }

  /** Initialised the first time; unsealed and active. */
  async start(): Promise<Running> {
    const { command, head } = this.#program;
    const server = await startProgram(command, [...head, `-config=${join(this.#folder, 'config.hcl')}`], this.#port);
    try {
      this.#keys ??= await new Api(server.address, '').call<{ keys: string[]; root_token: string }>('PUT', 'sys/init', {
        secret_shares: 1,
        secret_threshold: 1,
      });
      const node = running(server, this.#keys.root_token);
      await node.api.call('PUT', 'sys/unseal', { key: this.#keys.keys[0] });
      await node.api.eventually('GET', 'sys/health', 120);
      return node;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** KV v2 at secret/, and the answer to reads there. */
export async function mountSecret({ api }: Running): Promise<void> {
  await api.call('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await api.eventually('GET', 'secret/config');
}

/** One node on raft storage in a folder of its own, initialised and unsealed, KV v2 at secret/. */
export async function startRaft(program: Program): Promise<Running> {
  const place = await RaftPlace.make(program);
  try {
    const node = await place.start();
    await mountSecret(node);
    return {
      ...node,
      stop: async () => {
        await node.stop();
        await place.remove();
      },
    };
  } catch (error) {
    await place.remove();
    throw error;
  }
}

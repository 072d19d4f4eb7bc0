/** Seals against real servers: another OpenBao as key service, and migrations with the real `bao` program. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './cluster.ts';
import { baoProgram, freePort, startProgram, type Server } from './program.ts';

const run = promisify(execFile);
const steamer = fileURLToPath(new URL('../bin/steamer.ts', import.meta.url));
const KEY = '6f'.repeat(32);
const staticSeal = (more = ''): string =>
  `seal "static" {\n  current_key_id = "k1"\n  current_key = "${KEY}"\n${more}}\n`;

let bao = '';
let folder = '';
const servers: Server[] = [];

beforeAll(async () => {
  bao = await baoProgram();
  folder = await mkdtemp(join(tmpdir(), 'steamer-seal-'));
});

afterAll(async () => {
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

type Answer = Readonly<Record<string, unknown>>;

async function ask(server: Server, method: string, path: string, body?: object, token = 'root'): Promise<Answer> {
  const answer = await fetch(`${server.address}/v1/${path}`, {
    method,
    headers: { 'X-Vault-Token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, ...(text === '' ? {} : (JSON.parse(text) as Answer)) };
}

async function started(program: readonly string[], words: readonly string[], port: number): Promise<Server> {
  const server = await startProgram(program[0]!, [...program.slice(1), 'server', ...words], port);
  servers.push(server);
  return server;
}

/** A server whose storage lasts from one configuration to the next. */
class Restarting {
  readonly #program: readonly string[];
  readonly #name: string;
  readonly #port: number;
  readonly #clusterPort: number;
  server: Server | undefined;

  constructor(program: readonly string[], name: string, port: number, clusterPort: number) {
    this.#program = program;
    this.#name = name;
    this.#port = port;
    this.#clusterPort = clusterPort;
  }

  async start(seal: string): Promise<Server> {
    await this.server?.stop();
    const data = join(folder, this.#name);
    await mkdir(data, { recursive: true });
    const address = `http://127.0.0.1:${this.#port}`;
    await writeFile(
      `${data}.hcl`,
      `storage "raft" {\n  path = "${data}"\n  node_id = "n1"\n  performance_multiplier = 1\n}\n` +
        `listener "tcp" {\n  address = "127.0.0.1:${this.#port}"\n  tls_disable = true\n}\n` +
        `api_addr = "${address}"\ncluster_addr = "https://127.0.0.1:${this.#clusterPort}"\ncluster_name = "c1"\n${seal}`,
    );
    return (this.server = await started(this.#program, [`-config=${data}.hcl`], this.#port));
  }
}

const restarting = async (program: readonly string[], name: string): Promise<Restarting> =>
  new Restarting(program, name, await freePort(), await freePort());

const active = (server: Server): Promise<unknown> =>
  eventually('the node is active', async () =>
    (await ask(server, 'GET', 'sys/health'))['status'] === 200 ? 1 : undefined,
  );

const makers: Readonly<Record<string, () => readonly string[]>> = {
  ours: () => [process.execPath, steamer],
  'the real server': () => [bao],
};

test.each(Object.keys(makers))(
  '%s unseals by the transit engine of a real server, and follows its key',
  async (who) => {
    const port = await freePort();
    const kms = await started(
      [bao],
      ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'],
      port,
    );
    await ask(kms, 'POST', 'sys/mounts/transit', { type: 'transit' });
    await ask(kms, 'POST', 'transit/keys/unseal', {});
    const transit = (token: string): string =>
      `seal "transit" {\n  address = "${kms.address}"\n  token = "${token}"\n  key_name = "unseal"\n  mount_path = "transit/"\n}\n`;
    const node = await restarting(makers[who]!(), `transit-${who.replaceAll(' ', '-')}`);
    await expect(node.start(transit('wrong'))).rejects.toThrow(
      /Error configuring seal "transit": Error making API request\.\n\nURL: PUT .*\/v1\/transit\/encrypt\/unseal\nCode: 403\. Errors:\n\n\* .*permission denied/s,
    );
    let server = await node.start(transit('root'));
    const made = await ask(server, 'PUT', 'sys/init', { recovery_shares: 1, recovery_threshold: 1 });
    const token = made['root_token'] as string;
    await active(server);
    expect((await ask(server, 'PUT', 'cubbyhole/a', { b: 'c' }, token))['status']).toBe(204);
    await ask(kms, 'POST', 'transit/keys/unseal/rotate', {});
    server = await node.start(transit('root'));
    await active(server);
    // What the first version had encrypted has been wrapped again, so that the version can go.
    await ask(kms, 'POST', 'transit/keys/unseal/config', { min_decryption_version: 2 });
    server = await node.start(transit('root'));
    await active(server);
    expect((await ask(server, 'GET', 'cubbyhole/a', undefined, token))['data']).toEqual({ b: 'c' });
  },
);

/** What an operator types and reads on the way from shares to the static seal and back. */
async function migrations(who: string): Promise<string[]> {
  const node = await restarting(makers[who]!(), `migration-${who.replaceAll(' ', '-')}`);
  const seen: string[] = [];
  let server = await node.start('');
  const type = async (...words: string[]): Promise<void> => {
    const options = { env: { ...process.env, BAO_ADDR: server.address, BAO_TOKEN: '' } };
    const { stdout, stderr } = await run(bao, words, options).catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );
    seen.push(`${stdout}${stderr}`);
  };
  const made = await ask(server, 'PUT', 'sys/init', { secret_shares: 3, secret_threshold: 2 });
  const [a, b] = made['keys_base64'] as [string, string];
  for (const share of [a, b]) await type('operator', 'unseal', share);
  await active(server);
  for (const seal of [staticSeal(), staticSeal('  disabled = "true"\n')]) {
    server = await node.start(seal);
    await type('status');
    await type('operator', 'unseal', a);
    await type('operator', 'unseal', '-migrate', a);
    await type('operator', 'unseal', '-migrate', b);
    await active(server);
    await type('status');
  }
  server = await node.start('');
  for (const share of [a, b]) await type('operator', 'unseal', share);
  await active(server);
  const varying = /127\.0\.0\.1:\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|^(Cluster ID|Build Date|Version).*$/gm;
  // Which of these lines there are depends on how far a node that was just unsealed has come.
  const passing = /^(Raft|Active|HA ).*\n/gm;
  return seen.map((text) => text.replaceAll(passing, '').replaceAll(varying, '…'));
}

test('the real bao program migrates ours as it migrates the real server', async () => {
  expect(await migrations('ours')).toEqual(await migrations('the real server'));
});

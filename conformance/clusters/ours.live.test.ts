import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealCluster, RealNode, eventually } from '../cluster.ts';
import { baoProgram, freePort } from '../program.ts';

const run = promisify(execFile);
const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));
let folder: string;
let cluster: RealCluster;
let bao: string;
const extra: RealNode[] = [];

beforeAll(async () => {
  bao = await baoProgram('2.7.2');
  folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  cluster = await RealCluster.start({ program: process.execPath, arguments: [steamer], folder, multiplier: 1 });
}, 240_000);

afterAll(async () => {
  await Promise.all(extra.map((node) => node.kill()));
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function client(node: RealNode, ...words: readonly string[]): Promise<string> {
  const env = { ...process.env, BAO_ADDR: node.address, BAO_TOKEN: cluster.token };
  const { stdout } = await run(bao, [...words], { env });
  return stdout;
}

/** Configured like the first one, without anybody to join. */
async function fourth(): Promise<RealNode> {
  const [first] = cluster.nodes;
  const spare = new RealNode(
    'n4',
    first!.host,
    [await freePort(), await freePort()],
    [process.execPath, steamer],
    folder,
  );
  const text = await readFile(join(folder, 'n1.hcl'), 'utf8');
  const config = text
    .replaceAll(/ {2}retry_join \{[^}]*\}\n/g, '')
    .replaceAll(String(first!.port), String(spare.port))
    .replaceAll(String(first!.clusterPort), String(spare.clusterPort))
    .replace('node_id = "n1"', 'node_id = "n4"')
    .replace(join(folder, 'n1'), join(folder, 'n4'));
  await mkdir(join(folder, 'n4'));
  await writeFile(join(folder, 'n4.hcl'), config);
  spare.start();
  extra.push(spare);
  return spare;
}

const standbyOf = (leader: RealNode): RealNode => cluster.nodes.find((node) => node !== leader)!;

test('the real client sees the peers of a cluster of ours, and writes through a standby', async () => {
  const leader = await cluster.healthy();
  const peers = await client(leader, 'operator', 'raft', 'list-peers');
  expect(peers.match(/\b(leader|follower)\b/g)!.sort()).toEqual(['follower', 'follower', 'leader']);
  const standby = standbyOf(leader);
  await client(standby, 'secrets', 'enable', '-path=kv', 'kv');
  await eventually('the standby knows the mount', async () =>
    client(standby, 'kv', 'put', 'kv/a', 'v=1').catch(() => undefined),
  );
  await eventually('it reads', async () => {
    const text = await client(standby, 'kv', 'get', '-field=v', 'kv/a').catch(() => '');
    return text === '1' || undefined;
  });
  const state = JSON.parse(await client(standby, 'status', '-format=json')) as Record<string, unknown>;
  expect(state).toMatchObject({ ha_enabled: true, sealed: false, leader_address: leader.address });
}, 120_000);

test('whoever asks not to be forwarded is redirected', async () => {
  const leader = await cluster.healthy();
  const response = await fetch(`${standbyOf(leader).address}/v1/kv/a`, {
    method: 'PUT',
    body: '{"v":"2"}',
    headers: { 'X-Vault-Token': cluster.token, 'X-Vault-No-Request-Forwarding': 'true' },
    redirect: 'manual',
  });
  expect(response.status).toBe(307);
  expect(response.headers.get('location')).toBe(`${leader.address}/v1/kv/a`);
}, 60_000);

test('after a step-down another node is active', async () => {
  const leader = await cluster.healthy();
  await client(leader, 'operator', 'step-down');
  const next = await eventually('another is active', async () => {
    const found = await cluster.leader();
    return found !== undefined && found !== leader ? found : undefined;
  });
  expect(next.name).not.toBe(leader.name);
}, 120_000);

test('no write that was acknowledged is lost when active nodes are killed', async () => {
  const acknowledged: number[] = [];
  let round = 0;
  for (let killed = 0; killed < 2; killed++) {
    const leader = await cluster.healthy();
    for (let writes = 0; writes < 10; writes++, round++) {
      const body = { v: String(round) };
      const { status } = await leader.request('PUT', `kv/n${round}`, { token: cluster.token, body });
      if (status === 204) acknowledged.push(round);
    }
    await leader.kill();
    await eventually('another is active', () => cluster.leader());
    leader.start();
  }
  const leader = await cluster.healthy();
  expect(acknowledged.length).toBeGreaterThan(15);
  for (const number of acknowledged) {
    const { body } = await leader.request('GET', `kv/n${number}`, { token: cluster.token });
    expect(body).toMatchObject({ data: { v: String(number) } });
  }
}, 240_000);

test('a fourth node comes in by the real client and goes by it', async () => {
  const leader = await cluster.healthy();
  const spare = await fourth();
  await eventually('it answers', async () =>
    (await spare.request('GET', 'sys/health')).status > 0 ? true : undefined,
  );
  expect(await client(spare, 'operator', 'raft', 'join', leader.address)).toMatch(/Joined\s+true/);
  await eventually('it is a peer', async () =>
    (await client(leader, 'operator', 'raft', 'list-peers')).includes('n4') ? true : undefined,
  );
  await client(leader, 'operator', 'raft', 'remove-peer', 'n4');
  await eventually('it is none any more', async () =>
    (await client(leader, 'operator', 'raft', 'list-peers')).includes('n4') ? undefined : true,
  );
}, 120_000);

test('a snapshot is taken and given back', async () => {
  const leader = await cluster.healthy();
  const file = join(folder, 'snapshot');
  await client(leader, 'kv', 'put', 'kv/kept', 'v=kept');
  await client(leader, 'operator', 'raft', 'snapshot', 'save', file);
  await client(leader, 'kv', 'put', 'kv/kept', 'v=changed');
  await client(leader, 'operator', 'raft', 'snapshot', 'restore', file);
  await eventually('the old value is back', async () => {
    const active = await cluster.leader();
    if (active === undefined) return undefined;
    const text = await client(active, 'kv', 'get', '-field=v', 'kv/kept').catch(() => '');
    return text === 'kept' || undefined;
  });
}, 120_000);

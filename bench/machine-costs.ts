/**
 * What this machine costs the real server, each measured by itself and none from a failover: the profile of the
 * simulated machine (sim/machine-costs.ts) is what this printed. Linux only.
 *
 *   node bench/machine-costs.ts
 */
import { fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { RealCluster, type RealNode } from '../conformance/cluster.ts';
import { baoProgram } from '../conformance/program.ts';
import { load } from './load.ts';
import { cpuSeconds } from './process.ts';

/** Evenly spaced, as the simulator's tables are, but for outliers at both ends. */
const QUANTILES = [0.01, 1 / 6, 1 / 3, 0.5, 2 / 3, 5 / 6, 0.99];

const table = (values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b);
  return QUANTILES.map((q) => Math.round(sorted[Math.floor(q * (sorted.length - 1))]!)).join(' ');
};

const print = (what: string, text: string): void => console.log(`${what.padEnd(44)}${text}`);

/** Micros one way: half a round trip of 200 bytes between two threads over loopback TCP, both idle in between. */
async function loopback(): Promise<number[]> {
  const worker = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await new Promise((resolve) => socket.once('connect', resolve));
  const times: number[] = [];
  const message = Buffer.alloc(200);
  for (let n = 0; n < 1_000; n += 1) {
    const started = performance.now();
    const echoed = new Promise((resolve) => socket.once('data', resolve));
    socket.write(message);
    await echoed;
    if (n >= 100) times.push(((performance.now() - started) * 1_000) / 2);
    await pause(1);
  }
  socket.destroy();
  await worker.terminate();
  return times;
}

/** Micros by which a client on Node is late: with a pause of 10 ms, and with giving up a silent server after 300 ms. */
async function lateness(): Promise<{ pauses: number[]; timeouts: number[] }> {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(silent.address() as { port: number }).port}/`;
  const [pauses, timeouts]: [number[], number[]] = [[], []];
  for (let n = 0; n < 100; n += 1) {
    const started = performance.now();
    await fetch(url, { signal: AbortSignal.timeout(300) }).catch(() => {});
    const given = performance.now();
    await pause(10);
    timeouts.push((given - started - 300) * 1_000);
    pauses.push((performance.now() - given - 10) * 1_000);
  }
  silent.close();
  return { pauses, timeouts };
}

/** Micros of a bbolt commit's disk work: pages, sync, meta page, sync. */
function commits(folder: string): number[] {
  const file = openSync(join(folder, 'pages'), 'w+');
  const page = Buffer.alloc(4_096, 1);
  writeSync(file, Buffer.alloc(1 << 20), 0, 1 << 20, 0);
  fdatasyncSync(file);
  const times: number[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    const started = performance.now();
    for (let i = 0; i < 4; i += 1) writeSync(file, page, 0, 4_096, 8_192 + ((n * 4 + i) % 200) * 4_096);
    fdatasyncSync(file);
    writeSync(file, page, 0, 4_096, (n % 2) * 4_096);
    fdatasyncSync(file);
    times.push((performance.now() - started) * 1_000);
  }
  return times;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const stamp = (line: string): number => Date.parse(line.slice(0, 24));

/** Milliseconds from the start of the process to the first line that contains `mark`, for restarts of a follower. */
async function starts(cluster: RealCluster, mark: string): Promise<number[]> {
  const times: number[] = [];
  const leader = await cluster.leader();
  const node = cluster.nodes.find((other) => other !== leader)!;
  for (let n = 0; n < 12; n += 1) {
    await node.kill();
    const before = readFileSync(node.log, 'utf8').length;
    const started = Date.now();
    node.start();
    await pause(1_000);
    const line = readFileSync(node.log, 'utf8')
      .slice(before)
      .split('\n')
      .find((text) => text.includes(mark));
    if (line !== undefined) times.push(stamp(line) - started);
  }
  return times;
}

/** Milliseconds between two marks that follow each other in a log. */
function between(node: RealNode, from: string, to: string): number[] {
  const times: number[] = [];
  let begun: number | undefined;
  for (const line of readFileSync(node.log, 'utf8').split('\n')) {
    if (line.includes(from)) begun = stamp(line);
    else if (begun !== undefined && line.includes(to)) {
      times.push(stamp(line) - begun);
      begun = undefined;
    }
  }
  return times;
}

interface Kind {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

/** CPU-µs a request of each node, one request at a time. */
async function spent(cluster: RealCluster, to: RealNode, token: string, kind: Kind, total = 2_000): Promise<number[]> {
  const call = (n: number) => ({ ...kind, path: kind.path.replace('%', String(n % 50)), token });
  await load(to.address, 200, 1, call);
  const before = cluster.nodes.map(({ pid }) => cpuSeconds(pid));
  await load(to.address, total, 1, call);
  return cluster.nodes.map(({ pid }, index) => Math.round(((cpuSeconds(pid) - before[index]!) * 1e6) / total));
}

/** A node alone in its cluster, started again and again: it is leader as soon as it runs. */
async function alone(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'steamer-costs-'));
  const options = { program: await baoProgram(), folder, logLevel: 'debug', nodes: 1, multiplier: 1 };
  const cluster = await RealCluster.start(options);
  const node = cluster.nodes[0]!;
  try {
    for (let n = 0; n < 8; n += 1) {
      await node.kill();
      node.start();
      await cluster.healthy();
    }
    const steps = [
      ['cluster key, ms', 'generating cluster private key', 'generating local cluster certificate'],
      [
        'cluster certificate and advertisement, ms',
        'generating local cluster certificate',
        'pre-seal teardown starting',
      ],
      ['post-unseal, ms', 'post-unseal setup starting', 'post-unseal setup complete'],
    ] as const;
    for (const [what, from, to] of steps) print(what, table(between(node, from, to)));
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'steamer-costs-'));
  print('quantiles', '1 % 1/6 1/3 1/2 2/3 5/6 99 %');
  print('loopback, one way, µs', table(await loopback()));
  const { pauses, timeouts } = await lateness();
  print('a pause of 10 ms is late by, µs', table(pauses));
  print('a timeout of 300 ms is late by, µs', table(timeouts));
  print('bbolt commit (two fdatasync), µs', table(commits(folder)));
  const cluster = await RealCluster.start({ program: await baoProgram(), folder, logLevel: 'debug' });
  try {
    const leader = (await cluster.leader())!;
    const follower = cluster.nodes.find((node) => node !== leader)!;
    const root = { token: cluster.token };
    await leader.request('POST', 'sys/mounts/secret', { ...root, body: { type: 'kv', options: { version: '2' } } });
    await pause(1_000);
    const policy = 'path "secret/*" { capabilities = ["create", "read", "update"] }';
    await leader.request('PUT', 'sys/policies/acl/some', { ...root, body: { policy } });
    const made = await leader.request('POST', 'auth/token/create', {
      ...root,
      body: { policies: ['some'], ttl: '1h' },
    });
    const token = (made.body as { auth: { client_token: string } }).auth.client_token;
    for (let n = 0; n < 50; n += 1)
      await leader.request('PUT', `secret/data/${n}`, { ...root, body: { data: { a: 'b' } } });
    const read = { method: 'GET', path: 'secret/data/%' };
    const write = { method: 'PUT', path: 'secret/data/%', body: '{"data":{"a":"b"}}' };
    const rows: [string, RealNode, string, Kind][] = [
      ['health', leader, '', { method: 'GET', path: 'sys/health' }],
      ['root read', leader, cluster.token, read],
      ['policy read', leader, token, read],
      ['root write', leader, cluster.token, write],
      ['policy write', leader, token, write],
      ['root write through a standby', follower, cluster.token, write],
    ];
    print('CPU-µs a request', '(asked node, leader, follower, other)');
    for (const [name, to, by, kind] of rows) {
      const costs = await spent(cluster, to, by, kind);
      const of = (node: RealNode): number => costs[cluster.nodes.indexOf(node)]!;
      const other = cluster.nodes.find((node) => node !== leader && node !== follower)!;
      print(`  ${name}`, `leader ${of(leader)}, follower ${of(follower)}, other ${of(other)}`);
    }
    print('process start to raft, ms', table(await starts(cluster, 'initial configuration')));
    const dials = cluster.nodes.flatMap((node) =>
      between(node, 'creating rpc dialer', 'performing client cert lookup'),
    );
    print('hello to client certificate, ms', table(dials));
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  }
  await alone();
}

if (isMainThread) await main();
else {
  const server = createServer((socket) => socket.setNoDelay(true).on('data', (bytes) => socket.write(bytes)));
  server.listen(0, '127.0.0.1', () => parentPort!.postMessage((server.address() as { port: number }).port));
}

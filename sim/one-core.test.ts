import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bcryptInWorker } from '../host/bcrypt-pool.ts';
import { nodeCrypto } from '../host/crypto.ts';
import { HostDisk } from '../host/disk.ts';
import { listenHttp } from '../host/listener.ts';
import { nodePump } from '../host/pump.ts';
import { hostRuntime } from '../host/runtime.ts';
import { encodeBase64 } from '../core/codec/base64.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import type { HttpHandler } from '../core/http/message.ts';
import { type DiskFile, NetworkError, type Runtime, SECOND } from '../core/runtime.ts';
import type { InmemStorage } from '../core/storage/inmem.ts';
import { serveHttp } from './network/http-server.ts';
import { decodeResponse, encodeRequest } from './network/http-wire.ts';
import {
  makeNode,
  Player,
  type PlayedWorld,
  type Received,
  type Sent,
  StepClock,
  type StorageKind,
} from './one-core.fixture.ts';
import { playScript, REQUESTS } from './one-core-script.fixture.ts';
import { Stream } from './random.ts';
import { Bench } from './testing.ts';

interface Outcome {
  readonly lines: readonly string[];
  /** Key or file name, and the bytes in base64. */
  readonly stored: readonly (readonly [name: string, bytes: string])[];
}

const rows = (entries: Iterable<readonly [string, Uint8Array]>): Outcome['stored'] =>
  [...entries].map(([name, bytes]) => [name, encodeBase64(bytes)] as const);

/** A node on a simulated machine, a client on another, the simulated network between them. */
async function inSimulation(kind: StorageKind): Promise<Outcome> {
  const bench = new Bench(portableCrypto(), '42');
  const clock = new StepClock();
  let storage: InmemStorage | undefined;
  const machine = bench.run('n1', async (runtime) => {
    const made = await makeNode({ ...runtime, clock }, kind);
    storage = made.storage;
    serveHttp(runtime, 'n1:8200', made.node.http);
  });
  let player: Player | undefined;
  let ended = false;
  bench.run('c1', async (runtime) => {
    await runtime.clock.sleep(SECOND);
    player = new Player({ clock, exchange: simExchange(runtime), quiet: () => runtime.clock.sleep(SECOND) });
    await playScript(player);
    ended = true;
  });
  await nodePump(bench.world, () => ended || bench.world.crashes.length > 0);
  expect(bench.world.crashes).toEqual([]);
  const stored = kind === 'inmem' ? storage!.entries() : machine.disk.files.files();
  return { lines: player!.lines, stored: rows(stored) };
}

const simExchange =
  (runtime: Runtime): PlayedWorld['exchange'] =>
  async (sent) => {
    const connection = await runtime.network.dial('n1:8200', SECOND);
    const message = await new Promise<Uint8Array>((resolve) => {
      connection.onMessage(resolve);
      connection.send(encodeRequest({ ...sent, host: 'n1:8200' }));
    });
    connection.close();
    const { status, headers, body } = decodeResponse(message);
    return {
      status,
      headers: [...headers].flatMap(([name, values]) => values.map((value) => [name, value] as const)),
      body,
    };
  };

const failed = (error: unknown): void => {
  throw error;
};

const isFile = (value: unknown): value is DiskFile =>
  typeof value === 'object' && value !== null && 'sync' in value && 'truncate' in value;

/** The bytes are what is compared; whether they would survive a power cut is not. */
function unsynced(file: DiskFile): DiskFile {
  file.sync = () => Promise.resolve();
  return file;
}

/** The same node behind a real listener, on a real disk where it needs one; only chance and time are the same. */
async function onTheHost(kind: StorageKind): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-core-'));
  const clock = new StepClock();
  const work = new Work();
  const log = { write: () => undefined };
  const disk = new HostDisk(folder);
  const runtime: Runtime = {
    ...hostRuntime({ name: 'n1', folder, log, failed }),
    clock,
    random: new Stream('42', 'node/n1'),
    crypto: work.watch(nodeCrypto(bcryptInWorker())),
    disk: work.watch(disk, (result) => (isFile(result) ? work.watch(unsynced(result)) : result)),
    // The cluster's own channel: nobody calls a single node.
    network: {
      listen: (address) => ({ address, close: () => undefined }),
      dial: (address) =>
        Promise.reject(new NetworkError('refused', `dial tcp ${address}: connect: connection refused`)),
    },
  };
  const { node, storage } = await makeNode(runtime, kind);
  const handler: HttpHandler = (asked) => work.run(() => node.http(asked), false);
  const listener = await listenHttp(handler, { address: '127.0.0.1:0', maxRequestSize: 33_554_432, failed });
  const agent = new Agent({ keepAlive: true });
  const port = Number(listener.address.split(':')[1]);
  const player = new Player({ clock, exchange: (sent) => hostExchange(agent, port, sent), quiet: () => work.quiet() });
  await playScript(player);
  const stored = kind === 'inmem' ? rows(storage.entries()) : await filesOf(folder);
  agent.destroy();
  await listener.close();
  await disk.closeAll();
  await rm(folder, { recursive: true });
  return { lines: player.lines, stored };
}

/** What is under way outside of the event loop: it must be over before the clock moves. */
class Work {
  #running = 0;

  async run<T>(work: () => Promise<T>, counted = true): Promise<T> {
    if (counted) this.#running++;
    try {
      return await work();
    } finally {
      if (counted) this.#running--;
    }
  }

  /** Counts every promise that a method of `target` returns; `result` sees what they resolve with. */
  watch<T extends object>(target: T, result: (value: unknown) => unknown = (value) => value): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          const returned: unknown = Reflect.apply(member as (...args: unknown[]) => unknown, target, args);
          return returned instanceof Promise ? this.run(async () => result(await returned)) : returned;
        };
      },
    });
  }

  async quiet(): Promise<void> {
    for (let calm = 0; calm < 5; calm++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#running > 0) calm = -1;
    }
  }
}

function hostExchange(agent: Agent, port: number, { method, url, headers, body }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const flat = ['Host', 'n1:8200', ...headers.flat()];
    if (body.length > 0) flat.push('Content-Length', String(body.length));
    const outgoing = request({ agent, port, host: '127.0.0.1', method, path: url, headers: flat }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const rows: (readonly [string, string])[] = [];
        for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
          rows.push([incoming.rawHeaders[i]!.toLowerCase(), incoming.rawHeaders[i + 1]!]);
        }
        resolve({ status: incoming.statusCode ?? 0, headers: rows, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function filesOf(folder: string): Promise<Outcome['stored']> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const),
  );
  return rows(files);
}

test.each<StorageKind>(['inmem', 'raft'])(
  '500 requests get the same bytes in simulation and over real HTTP, and leave the same bytes: %s',
  async (kind) => {
    const simulated = await inSimulation(kind);
    const real = await onTheHost(kind);
    expect(simulated.lines.length).toBeGreaterThanOrEqual(REQUESTS);
    const good = simulated.lines.filter((line) => / → 20[04] /.test(line));
    expect(good.length).toBeGreaterThan(REQUESTS / 2);
    expect(real.lines).toEqual(simulated.lines);
    expect(real.stored).toEqual(simulated.stored);
    expect(simulated.stored.length).toBeGreaterThan(kind === 'inmem' ? 100 : 1);
  },
  60_000,
);

/**
 * A server that is just enough of OpenBao to try the simulator with: n1 is always the active node and keeps KV v2 in a
 * synced log; the others hand everything over to it.
 */
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http/message.ts';
import { type DiskFile, type Runtime, SECOND } from '../core/runtime.ts';
import { digestOf } from './hash.ts';
import { HttpClient, NoAnswer } from './client.ts';
import type { NodePlan, NodeFactory, RunningNode } from './node.ts';

export interface ToyBugs {
  /** Acknowledges before the write is on the platter. */
  readonly forgetsSync?: boolean;
  /** Fails an assertion on the so-many-th write. */
  readonly panicsAt?: number;
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly version: number;
}

export const toy =
  (bugs: ToyBugs = {}): NodeFactory =>
  (runtime, config) =>
    config.name === 'n1' ? primary(runtime, config, bugs) : standby(runtime, config);

/** Sealed until three shares came, where the seal is Shamir's. */
class ToySeal {
  #missing: number;

  constructor(config: NodePlan) {
    this.#missing = config.seal.type === 'shamir' ? 3 : 0;
  }

  get sealed(): boolean {
    return this.#missing > 0;
  }

  health(unsealed: number): HttpResponse {
    return json(this.sealed ? 503 : unsealed, {});
  }

  unseal(): HttpResponse {
    this.#missing = Math.max(0, this.#missing - 1);
    return json(200, { sealed: this.sealed });
  }
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  body: encodeUtf8(JSON.stringify(body)),
});

async function primary(runtime: Runtime, config: NodePlan, bugs: ToyBugs): Promise<RunningNode> {
  /** What is on the platter, and what is on its way there: readers see only the first. */
  const rows = new Map<string, Row>();
  const versions = new Map<string, number>();
  const log: DiskFile = await runtime.disk.open('log', { create: true });
  await runtime.disk.syncFolder('');
  const written = decodeUtf8(await log.read(0, log.size()));
  let end = 0;
  for (const line of written.split('\n').slice(0, -1)) {
    if (line.includes('\0')) break;
    end += line.length + 1;
    const row = JSON.parse(line) as Row;
    rows.set(row.key, row);
    versions.set(row.key, row.version);
  }
  await log.truncate(end);
  let writes = 0;
  const seal = new ToySeal(config);
  runtime.trace({ kind: 'raft.state', state: 'leader', term: 1 });
  runtime.trace({ kind: 'node.state', state: 'active' });

  const put = async (key: string, body: Uint8Array): Promise<HttpResponse> => {
    const { data } = JSON.parse(decodeUtf8(body)) as { data: { value: string } };
    if (++writes === bugs.panicsAt) throw new Error('assertion failed: toy');
    const row: Row = { key, value: data.value, version: (versions.get(key) ?? 0) + 1 };
    versions.set(key, row.version);
    const line = encodeUtf8(`${JSON.stringify(row)}\n`);
    const offset = end;
    end += line.length;
    await log.write(offset, line);
    if (bugs.forgetsSync !== true) await log.sync();
    // Writes overtake each other on their way to the disk; a later one's sync covers the earlier ones.
    if ((rows.get(key)?.version ?? 0) < row.version) rows.set(key, row);
    return json(200, { data: { version: row.version } });
  };

  const get = (key: string): HttpResponse => {
    const row = rows.get(key);
    if (row === undefined) return json(404, { errors: [] });
    return json(200, { data: { data: { value: row.value }, metadata: { version: row.version } } });
  };

  const http: HttpHandler = async ({ method, url, body }) => {
    if (url === '/v1/sys/health') return seal.health(200);
    if (url === '/v1/sys/unseal') return seal.unseal();
    if (url === '/v1/sys/init') {
      return json(200, {
        root_token: 'root',
        keys_base64: ['YQ==', 'Yg==', 'Yw==', 'ZA=='],
        recovery_keys_base64: ['cg=='],
      });
    }
    if (url.startsWith('/v1/sys/mounts/') || /^\/v1\/sys\/(step-down|rotate)$/.test(url)) return json(204, {});
    if (url === '/v1/secret/config') return json(200, {});
    if (url === '/v1/sys/storage/raft/configuration') {
      return json(200, { data: { config: { servers: ['n1', ...config.retryJoin].map(() => ({ voter: true })) } } });
    }
    const key = url.slice('/v1/secret/data/'.length);
    return method === 'GET' ? get(key) : put(key, body);
  };
  return { http, digest: () => digestOf(encodeUtf8(JSON.stringify([...rows]))) };
}

function standby(runtime: Runtime, config: NodePlan): RunningNode {
  const seal = new ToySeal(config);
  runtime.trace({ kind: 'node.state', state: 'standby' });
  const client = new HttpClient(runtime, { timeout: 2 * SECOND });
  const forward = async (request: HttpRequest): Promise<HttpResponse> => {
    const body = decodeUtf8(request.body);
    try {
      const answer = await client.request(
        'n1:8200',
        request.method,
        request.url,
        body === '' ? {} : { body: JSON.parse(body) },
      );
      return { status: answer.status, headers: [], body: answer.body };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return json(error.sent ? 500 : 503, { errors: [error.message] });
    }
  };
  const http: HttpHandler = (request) => {
    if (request.url === '/v1/sys/health') return Promise.resolve(seal.health(429));
    if (request.url === '/v1/sys/unseal') return Promise.resolve(seal.unseal());
    return forward(request);
  };
  return { http };
}

/** CPU a request, ours and the real server's, measured in turns within one run so that the machine's drift cancels. */
import { fileURLToPath } from 'node:url';
import { freePort, startProgram, type Server } from '../conformance/program.ts';
import { load, type Call } from './load.ts';
import { cpuSeconds, residentMiB } from './process.ts';

const steamer = fileURLToPath(new URL('../bin/steamer.ts', import.meta.url));
const ROUNDS = 3;

/** A row of the budget table. Set-up runs once a server; `calls` gives what is measured. */
export interface Row {
  readonly name: string;
  /** CPU-µs a request that ours may cost at most. */
  readonly budget: number;
  readonly requests: number;
  prepare(api: Api): Promise<(n: number) => Call>;
}

/** JSON in, JSON out; throws on a status of 400 and above. */
export class Api {
  readonly address: string;
  readonly token: string;
  constructor(address: string, token: string) {
    this.address = address;
    this.token = token;
  }

  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': this.token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

const SECRET = { data: { username: 'app', password: 'hunter2hunter2', host: 'db.internal', port: '5432' } };

async function policyToken(api: Api): Promise<string> {
  await api.call('PUT', 'sys/policies/acl/bench', {
    policy: 'path "secret/*" { capabilities = ["create", "update", "read"] }',
  });
  const { auth } = await api.call<{ auth: { client_token: string } }>('POST', 'auth/token/create', {
    policies: ['bench'],
    ttl: '1h',
  });
  return auth.client_token;
}

export const ROWS: readonly Row[] = [
  {
    name: 'KV v2 read, root token',
    budget: 250,
    requests: 6_000,
    prepare: async (api) => {
      for (let key = 0; key < 100; key += 1) await api.call('PUT', `secret/data/k${key}`, SECRET);
      return (n) => ({ method: 'GET', path: `secret/data/k${n % 100}`, token: api.token });
    },
  },
  {
    name: 'KV v2 read, policy token with TTL',
    budget: 400,
    requests: 6_000,
    prepare: async (api) => {
      const token = await policyToken(api);
      return (n) => ({ method: 'GET', path: `secret/data/k${n % 100}`, token });
    },
  },
  {
    name: 'KV v2 write, in memory',
    budget: 400,
    requests: 4_000,
    prepare: async (api) => {
      const body = JSON.stringify(SECRET);
      return (n) => ({ method: 'PUT', path: `secret/data/w${n % 100}`, token: api.token, body });
    },
  },
  {
    name: 'AppRole login',
    budget: 500,
    requests: 3_000,
    prepare: async (api) => {
      await api.call('POST', 'sys/auth/approle', { type: 'approle' });
      await api.call('POST', 'auth/approle/role/bench', { token_policies: ['bench'], token_ttl: '1h' });
      const role = await api.call<{ data: { role_id: string } }>('GET', 'auth/approle/role/bench/role-id');
      const secret = await api.call<{ data: { secret_id: string } }>('POST', 'auth/approle/role/bench/secret-id');
      const body = JSON.stringify({ role_id: role.data.role_id, secret_id: secret.data.secret_id });
      return () => ({ method: 'POST', path: 'auth/approle/login', token: '', body });
    },
  },
];

export interface Measured {
  readonly row: Row;
  readonly ours: number;
  readonly theirs: number;
}

export interface Footprint {
  readonly startMs: number;
  readonly idleMiB: number;
}

interface Side {
  readonly server: Server;
  readonly api: Api;
  readonly footprint: Footprint;
}

async function dev(command: string, head: readonly string[]): Promise<Side> {
  const port = await freePort();
  const started = performance.now();
  const server = await startProgram(
    command,
    [...head, '-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'],
    port,
  );
  const startMs = Math.round(performance.now() - started);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return {
    server,
    api: new Api(server.address, 'root'),
    footprint: { startMs, idleMiB: Math.round(residentMiB(server.process.pid!)) },
  };
}

async function cpuPerRequest({ server, api }: Side, requests: number, call: (n: number) => Call): Promise<number> {
  const before = cpuSeconds(server.process.pid!);
  const { statuses } = await load(api.address, requests, 8, call);
  const failed = Object.keys(statuses).filter((status) => Number(status) >= 400);
  if (failed.length > 0) throw new Error(`answers with ${failed.join(', ')} under load`);
  return ((cpuSeconds(server.process.pid!) - before) / requests) * 1e6;
}

const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Medians of `ROUNDS` alternating rounds, in CPU-µs a request. */
export async function measureRequests(
  program: string,
): Promise<{ rows: Measured[]; ours: Footprint; theirs: Footprint }> {
  const ours = await dev(process.execPath, [steamer, 'server']);
  const theirs = await dev(program, ['server']);
  try {
    const rows: Measured[] = [];
    for (const row of ROWS) {
      const ourCall = await row.prepare(ours.api);
      const theirCall = await row.prepare(theirs.api);
      await cpuPerRequest(ours, Math.ceil(row.requests / 3), ourCall);
      const [mine, real]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1) {
        mine.push(await cpuPerRequest(ours, row.requests, ourCall));
        real.push(await cpuPerRequest(theirs, row.requests, theirCall));
      }
      rows.push({ row, ours: middle(mine), theirs: middle(real) });
    }
    return { rows, ours: ours.footprint, theirs: theirs.footprint };
  } finally {
    await ours.server.stop();
    await theirs.server.stop();
  }
}

/** CPU a request, ours and the real server's, measured in turns within one run so that the machine's drift cancels. */
import { baoProgram } from '../conformance/program.ts';
import type { Api } from './api.ts';
import { load, type Call } from './load.ts';
import { median } from './median.ts';
import { cpuSeconds } from './process.ts';
import type { Bench } from './row.ts';
import { oursProgram, realProgram, type Running, startDev, startRaft, type Program } from './servers.ts';

const ROUNDS = 3;
const CONCURRENCY = 8;

/** What is measured. `prepare` runs once a server; the call it gives is repeated. */
interface Subject {
  readonly what: string;
  /** CPU-µs a request that ours may cost at most. */
  readonly budget: number;
  /** In a round. */
  readonly requests: number;
  readonly start: (program: Program) => Promise<Running>;
  prepare(api: Api): Promise<(n: number) => Call>;
}

const SECRET = { data: { username: 'app', password: 'hunter2hunter2', host: 'db.internal', port: '5432' } };
const KEYS = 100;

async function fill(api: Api): Promise<void> {
  for (let key = 0; key < KEYS; key += 1) await api.call('PUT', `secret/data/k${key}`, SECRET);
}

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

const reads =
  (token: string) =>
  (n: number): Call => ({ method: 'GET', path: `secret/data/k${n % KEYS}`, token });

async function writes(api: Api): Promise<(n: number) => Call> {
  await fill(api);
  const body = JSON.stringify(SECRET);
  return (n) => ({ method: 'PUT', path: `secret/data/k${n % KEYS}`, token: api.token, body });
}

async function logins(api: Api): Promise<() => Call> {
  await api.call('POST', 'sys/auth/approle', { type: 'approle' });
  await api.call('POST', 'auth/approle/role/bench', { token_policies: ['bench'], token_ttl: '1h' });
  const role = await api.call<{ data: { role_id: string } }>('GET', 'auth/approle/role/bench/role-id');
  const secret = await api.call<{ data: { secret_id: string } }>('POST', 'auth/approle/role/bench/secret-id');
  const body = JSON.stringify({ role_id: role.data.role_id, secret_id: secret.data.secret_id });
  return () => ({ method: 'POST', path: 'auth/approle/login', token: '', body });
}

async function encryptions(api: Api): Promise<() => Call> {
  await api.call('POST', 'sys/mounts/transit', { type: 'transit' });
  await api.call('POST', 'transit/keys/bench', {});
  const body = JSON.stringify({ plaintext: Buffer.from('hunter2hunter2hunter2').toString('base64') });
  return () => ({ method: 'POST', path: 'transit/encrypt/bench', token: api.token, body });
}

const SUBJECTS: readonly Subject[] = [
  {
    what: 'KV v2 read, policy token with TTL',
    budget: 400,
    requests: 4_000,
    start: startDev,
    prepare: async (api) => {
      await fill(api);
      return reads(await policyToken(api));
    },
  },
  {
    what: 'KV v2 read, root token',
    budget: 250,
    requests: 4_000,
    start: startDev,
    prepare: async (api) => {
      await fill(api);
      return reads(api.token);
    },
  },
  { what: 'KV v2 write, in memory', budget: 400, requests: 3_000, start: startDev, prepare: writes },
  { what: 'AppRole login', budget: 500, requests: 2_000, start: startDev, prepare: logins },
  { what: 'transit encrypt', budget: 210, requests: 4_000, start: startDev, prepare: encryptions },
  { what: 'KV v2 write, raft on disk', budget: 800, requests: 1_000, start: startRaft, prepare: writes },
];

async function cpuPerRequest({ api, pid }: Running, requests: number, call: (n: number) => Call): Promise<number> {
  const before = cpuSeconds(pid);
  const { statuses } = await load(api.address, requests, CONCURRENCY, call);
  const failed = Object.keys(statuses).filter((status) => Number(status) >= 400);
  if (failed.length > 0) throw new Error(`answers with ${failed.join(', ')} under load`);
  return ((cpuSeconds(pid) - before) / requests) * 1e6;
}

interface Side {
  readonly server: Running;
  readonly call: (n: number) => Call;
  readonly costs: number[];
}

/** Medians of `ROUNDS` rounds, the two servers in turns and in changing order. */
async function measure(subject: Subject, programs: readonly Program[]): Promise<number[]> {
  const sides: Side[] = [];
  try {
    for (const program of programs) {
      const server = await subject.start(program);
      sides.push({ server, call: () => ({ method: 'GET', path: 'sys/health', token: '' }), costs: [] });
      sides.push({ ...sides.pop()!, call: await subject.prepare(server.api) });
    }
    for (const { server, call } of sides) await cpuPerRequest(server, subject.requests >> 1, call);
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = round % 2 === 0 ? sides : sides.toReversed();
      for (const { server, call, costs } of order) costs.push(await cpuPerRequest(server, subject.requests, call));
    }
    return sides.map(({ costs }) => median(costs));
  } finally {
    for (const { server } of sides) await server.stop();
  }
}

export const requests: Bench = {
  name: 'requests',
  about: "CPU a request, beside the real server's",
  async run(print) {
    const programs = [oursProgram, realProgram(await baoProgram())];
    for (const subject of SUBJECTS) {
      const [ours, real] = await measure(subject, programs);
      const beside = { name: 'bao 2.7.2', value: real! };
      print({ what: subject.what, unit: 'CPU-µs a request', ours: ours!, beside, budget: { value: subject.budget } });
    }
  },
};

/**
 * Certificates issued with a new key: CPU and requests a second. And what others wait meanwhile: the latency of KV
 * reads and writes while several RSA keys of 4096 bits are being made. Ours and the real server in turns, as always.
 */
import { baoProgram } from '../conformance/program.ts';
import type { Api } from './api.ts';
import { wellAnswered, type Call } from './load.ts';
import { median, percentile } from './median.ts';
import { cpuSeconds } from './process.ts';
import type { Bench, Row } from './row.ts';
import { oursProgram, realProgram, type Running, startDev, startRaft, type Program } from './servers.ts';
import { rounds } from './turns.ts';

const CONCURRENCY = 8;

/** What `prepare` readies on a server of each program is measured in turns; results by program and round. */
async function onEach<T>(
  programs: readonly Program[],
  start: (program: Program) => Promise<Running>,
  prepare: (server: Running) => Promise<() => Promise<T>>,
): Promise<T[][]> {
  const servers: Running[] = [];
  try {
    const sides: (() => Promise<T>)[] = [];
    for (const program of programs) {
      const server = await start(program);
      servers.push(server);
      sides.push(await prepare(server));
    }
    return await rounds(sides);
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** How many certificates a round: a key of RSA takes a tenth of a second and its luck, the others a millisecond. */
const ISSUES = [
  { what: 'RSA 2048', role: { key_type: 'rsa', key_bits: 2048 }, requests: 60 },
  { what: 'EC P-256', role: { key_type: 'ec', key_bits: 256 }, requests: 400 },
  { what: 'Ed25519', role: { key_type: 'ed25519' }, requests: 400 },
] as const;

async function authority(api: Api): Promise<void> {
  await api.call('POST', 'sys/mounts/pki', { type: 'pki' });
  const root = { common_name: 'Root', key_type: 'ec', key_bits: 256, ttl: '700h' };
  await api.call('POST', 'pki/root/generate/internal', root);
}

async function issuing(api: Api, role: object): Promise<(n: number) => Call> {
  await authority(api);
  await api.call('POST', 'pki/roles/bench', { allow_any_name: true, ttl: '1h', ...role });
  return (n) => ({
    method: 'POST',
    path: 'pki/issue/bench',
    token: api.token,
    body: JSON.stringify({ common_name: `h${n}.example.com` }),
  });
}

/** [CPU-µs a request, requests a second]. */
async function issue({ api, pid }: Running, requests: number, call: (n: number) => Call): Promise<[number, number]> {
  const before = cpuSeconds(pid);
  const { seconds } = await wellAnswered(api, requests, CONCURRENCY, call);
  return [((cpuSeconds(pid) - before) / requests) * 1e6, requests / seconds];
}

async function issues(programs: readonly Program[], print: (row: Row) => void): Promise<void> {
  for (const { what, role, requests } of ISSUES) {
    const results = await onEach(programs, startDev, async (server) => {
      const call = await issuing(server.api, role);
      await issue(server, requests >> 2, call);
      return () => issue(server, requests, call);
    });
    const [ours, real] = results.map((own) => [0, 1].map((at) => median(own.map((result) => result[at]!))));
    const row = (unit: string, at: number): void =>
      print({ what: `PKI issue, ${what}`, unit, ours: ours![at]!, beside: { name: 'bao 2.7.2', value: real![at]! } });
    row('CPU-µs a request', 0);
    row('requests a second', 1);
  }
}

/** Keys of 4096 bits made side by side, as long as something else is measured. */
const MAKERS = 4;

/** Makes keys until it is stopped; resolves with how many there were. */
function makeKeys({ api }: Running): () => Promise<number> {
  const state = { going: true, made: 0 };
  const maker = async (): Promise<void> => {
    while (state.going) {
      await api.call('POST', 'pki/keys/generate/internal', { key_type: 'rsa', key_bits: 4096 });
      state.made += 1;
    }
  };
  const makers = Array.from({ length: MAKERS }, maker);
  return async () => {
    state.going = false;
    await Promise.all(makers);
    return state.made;
  };
}

const SECRET = JSON.stringify({ data: { username: 'app', password: 'hunter2hunter2' } });
const KEYS = 100;

const key = (n: number): string => `secret/data/k${n % KEYS}`;
const WAITS = [
  {
    what: 'KV v2 read',
    start: startDev,
    requests: 2_000,
    call: (n: number, token: string): Call => ({ method: 'GET', path: key(n), token }),
  },
  {
    what: 'KV v2 write on raft',
    start: startRaft,
    requests: 400,
    call: (n: number, token: string): Call => ({ method: 'PUT', path: key(n), token, body: SECRET }),
  },
] as const;

interface Wait {
  readonly latencies: readonly number[];
  /** Made within a minute. */
  readonly keys: number;
}

async function waits(programs: readonly Program[], print: (row: Row) => void): Promise<void> {
  for (const { what, start, requests, call } of WAITS) {
    const results = await onEach(programs, start, async (server) => {
      const { api } = server;
      await authority(api);
      for (let n = 0; n < KEYS; n += 1) await api.call('PUT', key(n), JSON.parse(SECRET));
      const once = async (making: boolean): Promise<Wait> => {
        const stop = making ? makeKeys(server) : async () => 0;
        try {
          const { latencies, seconds } = await wellAnswered(api, requests, 2, (n) => call(n, api.token));
          return { latencies, keys: ((await stop()) / seconds) * 60 };
        } finally {
          await stop();
        }
      };
      await once(false);
      return async () => ({ alone: await once(false), beside: await once(true) });
    });
    for (const side of ['alone', 'beside'] as const)
      for (const share of [50, 99, 100]) {
        const [ours, real] = results.map((own) =>
          percentile(
            own.flatMap((result) => result[side].latencies),
            share,
          ),
        );
        const row = side === 'alone' ? what : `${what}, RSA 4096 being made`;
        print({
          what: row,
          unit: share === 100 ? 'ms, the longest' : `ms, p${share}`,
          ours: ours!,
          beside: { name: 'bao 2.7.2', value: real! },
        });
      }
    const [ours, real] = results.map((own) => median(own.map(({ beside }) => beside.keys)));
    print({
      what: 'RSA 4096 keys meanwhile',
      unit: 'a minute',
      ours: ours!,
      beside: { name: 'bao 2.7.2', value: real! },
    });
  }
}

export const pki: Bench = {
  name: 'pki',
  about: 'certificates a second, and what others wait while RSA keys are made',
  async run(print) {
    const programs = [oursProgram, realProgram(await baoProgram())];
    await issues(programs, print);
    await waits(programs, print);
  },
};

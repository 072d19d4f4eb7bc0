/** CPU a request and a restart before and after an installation has grown, on ours and on the real server in turns. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { baoProgram } from '../conformance/program.ts';
import type { Api } from './api.ts';
import { wellAnswered, type Call } from './load.ts';
import { cpuSeconds } from './process.ts';
import type { Bench, Row } from './row.ts';
import { mountSecret, oursProgram, RaftPlace, realProgram, type Running } from './servers.ts';
import { fill, logins, policyToken, reads, writes } from './subjects.ts';
import { inTurns } from './turns.ts';

const POLICIES = 1_000;
const ENTITIES = 10_000;
const LEASES = 100_000;
const LOADERS = 16;

/** The same disk for both that costs neither of them its time: loading is a write a request, a few syncs a write. */
const MEMORY = '/dev/shm';

const QUIET_MS = 1_000;
/** CPU-seconds in `QUIET_MS` of a server with nothing left to do. */
const QUIET_CPU = 0.05;

interface Subject {
  readonly what: string;
  readonly requests: number;
  prepare(api: Api): Promise<(n: number) => Call>;
}

const SUBJECTS: readonly Subject[] = [
  { what: 'KV v2 read, policy token with TTL', requests: 3_000, prepare: async (api) => reads(await policyToken(api)) },
  { what: 'KV v2 write', requests: 1_500, prepare: writes },
  {
    what: 'token lookup-self',
    requests: 3_000,
    prepare: async (api) => {
      const token = await policyToken(api);
      return () => ({ method: 'GET', path: 'auth/token/lookup-self', token });
    },
  },
  { what: 'AppRole login', requests: 1_500, prepare: logins },
];

const size = `${POLICIES / 1_000} k policies, ${ENTITIES / 1_000} k entities, ${LEASES / 1_000} k leases`;

async function grow({ api }: Running): Promise<void> {
  const many = async (count: number, call: (n: number) => Omit<Call, 'token'>): Promise<void> => {
    await wellAnswered(api, count, LOADERS, (n) => ({ ...call(n), token: api.token }));
  };
  await many(POLICIES, (n) => ({
    method: 'PUT',
    path: `sys/policies/acl/p${n}`,
    body: JSON.stringify({ policy: `path "secret/data/team${n}/*" { capabilities = ["create", "read", "update"] }` }),
  }));
  await many(ENTITIES, (n) => ({
    method: 'POST',
    path: 'identity/entity',
    body: JSON.stringify({ name: `e${n}`, policies: [`p${n % POLICIES}`], metadata: { team: String(n % POLICIES) } }),
  }));
  await many(LEASES, (n) => ({
    method: 'POST',
    path: 'auth/token/create',
    body: JSON.stringify({ policies: [`p${n % POLICIES}`], ttl: '12h' }),
  }));
}

/** Waits until a server does nothing any more. */
async function quiet({ pid }: Running): Promise<void> {
  for (let before = cpuSeconds(pid); ;) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const now = cpuSeconds(pid);
    if (now - before <= QUIET_CPU) return;
    before = now;
  }
}

class Grown {
  readonly place: RaftPlace;
  node: Running;

  private constructor(place: RaftPlace, node: Running) {
    this.place = place;
    this.node = node;
  }

  static async start(place: RaftPlace): Promise<Grown> {
    const node = await place.start();
    await mountSecret(node);
    await fill(node.api);
    return new Grown(place, node);
  }

  /** Seconds of CPU from the start of its program until it is active with all leases restored and quiet. */
  async restart(): Promise<number> {
    await this.node.stop();
    this.node = await this.place.start();
    await quiet(this.node);
    return cpuSeconds(this.node.pid);
  }
}

async function compare(servers: readonly Grown[], print: (row: Row) => void): Promise<void> {
  const calls: ((n: number) => Call)[][] = [];
  for (const subject of SUBJECTS) calls.push(await Promise.all(servers.map(({ node }) => subject.prepare(node.api))));
  const ask = (subject: number): Promise<number[]> =>
    inTurns(
      servers.map(({ node }, side) => ({ server: node, call: calls[subject]![side]! })),
      SUBJECTS[subject]!.requests,
    );
  const restarts = async (): Promise<number[]> => {
    const spent: number[] = [];
    for (const server of servers) spent.push(await server.restart());
    return spent;
  };
  const row = (what: string, unit: string, [ours, real]: readonly number[]): void =>
    print({ what, unit, ours: ours!, beside: { name: 'bao 2.7.2', value: real! } });
  const empty: number[][] = [];
  for (const index of SUBJECTS.keys()) empty.push(await ask(index));
  row('restart', 'CPU-s until quiet', await restarts());
  for (const { node } of servers) await grow(node);
  for (const { node } of servers) await quiet(node);
  for (const [index, { what }] of SUBJECTS.entries()) {
    const full = await ask(index);
    row(`${what}, loaded`, 'CPU-µs a request', full);
    row(
      '',
      'times the empty one',
      full.map((cost, side) => cost / empty[index]![side]!),
    );
  }
  row('restart, loaded', 'CPU-s until quiet', await restarts());
}

export const loaded: Bench = {
  name: 'loaded',
  about: `CPU a request with ${size} beside that of an empty server, and a restart; only when named, it takes minutes`,
  onlyNamed: true,
  async run(print) {
    const above = existsSync(MEMORY) ? MEMORY : tmpdir();
    const places: RaftPlace[] = [];
    const servers: Grown[] = [];
    try {
      for (const program of [oursProgram, realProgram(await baoProgram())]) {
        places.push(await RaftPlace.make(program, above));
        servers.push(await Grown.start(places.at(-1)!));
      }
      await compare(servers, print);
    } finally {
      for (const { node } of servers) await node.stop();
      for (const place of places) await place.remove();
    }
  },
};

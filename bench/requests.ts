/** CPU a request, ours and the real server's, measured in turns within one run so that the machine's drift cancels. */
import { baoProgram } from '../conformance/program.ts';
import type { Api } from './api.ts';
import type { Call } from './load.ts';
import type { Bench } from './row.ts';
import { oursProgram, realProgram, type Running, startDev, startRaft, type Program } from './servers.ts';
import { encryptions, fill, logins, policyToken, reads, writes } from './subjects.ts';
import { inTurns, type Side } from './turns.ts';

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

async function measure(subject: Subject, programs: readonly Program[]): Promise<number[]> {
  const servers: Running[] = [];
  try {
    const sides: Side[] = [];
    for (const program of programs) {
      const server = await subject.start(program);
      servers.push(server);
      sides.push({ server, call: await subject.prepare(server.api) });
    }
    return await inTurns(sides, subject.requests);
  } finally {
    for (const server of servers) await server.stop();
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

/** What a test pays for a server of its own: two hundred starts in one process, and a cluster with its failover. */
import { startCluster } from '../embed/cluster.ts';
import { startServer } from '../embed/index.ts';
import { median } from './median.ts';
import { cpuOf } from './process.ts';
import type { Bench } from './row.ts';

const STARTS = 200;
const CLUSTERS = 9;
const WARM_UP = 10;

interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function taken(work: () => Promise<void>): Promise<Taken> {
  const began = performance.now();
  const { seconds } = await cpuOf(work);
  return { wallMs: performance.now() - began, cpuMs: seconds * 1_000 };
}

/** A server that has answered once. */
async function serverStart(): Promise<Taken> {
  let stop = async (): Promise<void> => {};
  const cost = await taken(async () => {
    const server = await startServer();
    stop = () => server.stop();
    await server.request('GET', 'sys/health');
  });
  await stop();
  return cost;
}

/** Three nodes, the leader killed, another elected. */
const failover = (seed: number): Promise<Taken> =>
  taken(async () => {
    await using cluster = await startCluster({ speed: 0, seed });
    await cluster.kill(cluster.leader!);
    await cluster.elected();
  });

export const embed: Bench = {
  name: 'embed',
  about: "startServer and startCluster within somebody else's tests",
  async run(print) {
    for (let count = 0; count < WARM_UP; count += 1) await serverStart();
    const starts: Taken[] = [];
    for (let count = 0; count < STARTS; count += 1) starts.push(await serverStart());
    const wall = median(starts.map(({ wallMs }) => wallMs));
    const cpu = starts.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / STARTS;
    print({ what: 'startServer to first answer', unit: 'ms', ours: wall, budget: { value: 20 } });
    print({ what: 'startServer, CPU with its garbage collected', unit: 'ms', ours: cpu, budget: { value: 20 } });
    const clusters: Taken[] = [];
    for (let seed = 0; seed < CLUSTERS; seed += 1) clusters.push(await failover(seed));
    const cluster = median(clusters.map(({ wallMs }) => wallMs));
    print({ what: 'startCluster, its leader killed, another elected', unit: 'ms', ours: cluster });
  },
};

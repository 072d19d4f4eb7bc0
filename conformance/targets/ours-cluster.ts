/** Three nodes of ours within this process, on loopback, real disks and real TLS between them. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfiguration } from '../../core/server/configuration/configuration.ts';
import { VERSION } from '../../core/server/profile.ts';
import type { RunningServer } from '../../host/server.ts';
import { startServer } from '../../host/server.ts';
import { eventually } from '../cluster.ts';
import { freePort } from '../program.ts';
import { raftConfig } from './config.ts';
import type { Running } from './target.ts';

const NODES = 3;
const SEAL = `seal "static" {
  current_key_id = "k1"
  current_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
}
`;

interface Place {
  readonly name: string;
  readonly port: number;
  readonly clusterPort: number;
}

export async function startCluster(): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  const places: Place[] = [];
  for (let number = 1; number <= NODES; number++) {
    places.push({ name: `n${number}`, port: await freePort(), clusterPort: await freePort() });
  }
  let failure: unknown;
  const servers: RunningServer[] = [];
  const start = async (place: Place): Promise<void> => {
    const text = await configOf(place, places, folder);
    const { configuration } = parseConfiguration(text, 'conformance.hcl');
    const failed = (error: unknown): void => void (failure = error);
    servers.push(await startServer({ configuration, log: { write: () => undefined }, failed }));
  };
  const [first, ...others] = places;
  await start(first!);
  const init = await call(first!, 'PUT', 'sys/init', '', { recovery_shares: 1, recovery_threshold: 1 });
  const token = (init.body as { root_token: string }).root_token;
  await eventually('the first node is active', async () => (await healthOf(first!)) === 200 || undefined);
  for (const place of others) await start(place);
  await eventually('all are voters', async () => (await voters(first!, token)) === NODES || undefined);
  for (const place of others) {
    await eventually('it stands by', async () => (await healthOf(place)) === 429 || undefined);
  }
  return {
    addresses: places.map(({ port }) => `http://127.0.0.1:${port}`),
    token,
    version: VERSION,
    alive: () => failure === undefined,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await rm(folder, { recursive: true, force: true });
      if (failure !== undefined) throw failure;
    },
  };
}

async function configOf(place: Place, places: readonly Place[], folder: string): Promise<string> {
  const data = join(folder, place.name);
  await mkdir(data);
  const joins = places
    .filter((other) => other !== place && place.name !== 'n1')
    .map(({ port }) => `  retry_join {\n    leader_api_addr = "http://127.0.0.1:${port}"\n  }\n`);
  const text = raftConfig(data, place.port, place.clusterPort)
    .replace('  tls_disable = true', `  tls_disable = true\n  cluster_address = "127.0.0.1:${place.clusterPort}"`)
    .replace('cluster_name = "c1"', 'cluster_name = "real"')
    .replace('node_id = "n1"', `node_id = "${place.name}"`)
    .replace('performance_multiplier = 1\n', `performance_multiplier = 1\n${joins.join('')}`);
  return `${text}${SEAL}`;
}

async function call(place: Place, method: string, path: string, token: string, sent?: unknown) {
  const response = await fetch(`http://127.0.0.1:${place.port}/v1/${path}`, {
    method,
    headers: token === '' ? {} : { 'X-Vault-Token': token },
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  });
  return { status: response.status, body: await response.json() };
}

const healthOf = async (place: Place): Promise<number> => (await call(place, 'GET', 'sys/health', '')).status;

async function voters(place: Place, token: string): Promise<number> {
  const { body } = await call(place, 'GET', 'sys/storage/raft/configuration', token);
  const { data } = body as { data?: { config?: { servers?: readonly { voter: boolean }[] } } };
  return (data?.config?.servers ?? []).filter(({ voter }) => voter).length;
}

/** What the sessions have in common. */
import { type BesideServer, until } from '../configurations/beside.ts';

export const TRACE = 'log_level = "trace"\ncluster_name = "c"\n';

/** Whether a node serves reads before it is active is chance. */
export const NO_READS = 'disable_standby_reads = true\n';

export const STATIC_SEAL = `seal "static" {
  current_key_id = "k1"
  current_key = "${'6d'.repeat(32)}"
}
`;

/** With an auto seal, until it is active. */
export async function initialised(server: BesideServer): Promise<void> {
  const [, made] = await server.ask('PUT', 'sys/init', {
    body: { recovery_shares: 1, recovery_threshold: 1 },
    token: '',
  });
  server.root = (JSON.parse(made) as { root_token: string }).root_token;
  await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
}

export const asked = (server: BesideServer) => (method: string, path: string, body?: unknown, token?: string) =>
  server.ask(method, path, { ...(body === undefined ? {} : { body }), ...(token === undefined ? {} : { token }) });

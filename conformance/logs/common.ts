/** What the sessions have in common. */
import type { BesideServer } from '../configurations/beside.ts';

export type Make = () => Promise<BesideServer>;

export const TRACE = 'log_level = "trace"\ncluster_name = "c"\n';

/** Whether a node serves reads before it is active is chance. */
export const NO_READS = 'disable_standby_reads = true\n';

export const STATIC_SEAL = `seal "static" {
  current_key_id = "k1"
  current_key = "${'6d'.repeat(32)}"
}
`;

export const asked = (server: BesideServer) => (method: string, path: string, body?: unknown, token?: string) =>
  server.ask(method, path, { ...(body === undefined ? {} : { body }), ...(token === undefined ? {} : { token }) });

/**
 * The gauges of a node, sampled when somebody reads them: upstream sets them each second or each ten minutes, which
 * shows the same and costs an idle node its peace.
 */
import { asList, asNumber, asObject, asString } from '../codec/json-fields.ts';
import type { JsonObject } from '../codec/json.ts';
import { parseDuration } from '../codec/duration.ts';
import type { Micros } from '../runtime.ts';
import { MINUTE } from '../runtime.ts';
import type { RaftControl } from '../system/raft-control.ts';
import type { Labels } from '../telemetry/metrics.ts';
import type { Gauge } from '../telemetry/reading.ts';
import { encodeEntry } from './mounts/entry-codec.ts';
import type { MountTable } from './mounts/entry.ts';
import { namespaceLabel } from './measured.ts';
import { kindOf } from './mounts/defaults.ts';
import type { Realm } from './namespaces/realm.ts';
import type { Running } from './post-unseal.ts';
import { decodeToken } from './tokens/entry.ts';

/** How old the figures of usage may be; they also appear only after this time. */
const usageInterval: Micros = 10 * MINUTE;

/** What of the process the host can tell; sizes in bytes. */
export interface ProcessFigures {
  readonly allocated: number;
  readonly system: number;
}

export interface GaugeSource {
  readonly sealed: boolean;
  readonly active: boolean;
  readonly clusterName: string;
  readonly inFlight: number;
  readonly running: Running | undefined;
  readonly raft: RaftControl | undefined;
  readonly process: ProcessFigures | undefined;
  /** How long the node has been up. */
  readonly uptime: Micros;
}

export class Gauges {
  #usage: readonly Gauge[] = [];
  #usageAt = Number.NEGATIVE_INFINITY;

  async read(source: GaugeSource): Promise<Gauge[]> {
    const cluster = { cluster: source.clusterName };
    const gauges: Gauge[] = [gauge('vault.core.unsealed', source.sealed ? 0 : 1, cluster)];
    gauges.push(...processGauges(source.process));
    if (source.sealed) return gauges;
    if (source.clusterName !== '') gauges.push(gauge('vault.core.unsealed', 0, { cluster: '' }));
    gauges.push(gauge('vault.core.active', source.active ? 1 : 0, cluster));
    gauges.push(gauge('vault.core.in_flight_requests', source.inFlight, cluster));
    if (source.running !== undefined) {
      gauges.push(...runningGauges(source.running, cluster));
      if (source.active) gauges.push(...(await this.#usageGauges(source, source.running, cluster)));
    }
    if (source.raft !== undefined) gauges.push(...(await raftGauges(source.raft)));
    return gauges;
  }

  async #usageGauges(source: GaugeSource, running: Running, cluster: Labels): Promise<readonly Gauge[]> {
    if (source.uptime < usageInterval) return [];
    if (source.uptime - this.#usageAt >= usageInterval) {
      this.#usageAt = source.uptime;
      this.#usage = await usage(running, cluster);
    }
    return this.#usage;
  }
}

const gauge = (name: string, value: number, labels: Labels = {}): Gauge => ({ name, value, labels });

function processGauges(figures: ProcessFigures | undefined): Gauge[] {
  if (figures === undefined) return [];
  return [gauge('vault.runtime.alloc_bytes', figures.allocated), gauge('vault.runtime.sys_bytes', figures.system)];
}

function runningGauges({ namespaces, lockouts }: Running, cluster: Labels): Gauge[] {
  let locked = 0;
  for (const aliases of lockouts.locked().values()) locked += aliases.length;
  const realms = [...namespaces.realms()];
  const sum = (count: (realm: Realm) => number): number => realms.reduce((total, realm) => total + count(realm), 0);
  const gauges = [
    gauge('vault.core.locked_users', locked),
    gauge(
      'vault.expire.num_leases',
      sum(({ services }) => services.leases.count()),
    ),
    gauge(
      'vault.expire.num_irrevocable_leases',
      sum(({ services }) => services.leases.irrevocable().length),
    ),
  ];
  const tables: readonly (readonly [MountTable, string])[] = [
    ['auth', 'auth'],
    ['mounts', 'logical'],
  ];
  for (const [table, type] of tables) {
    for (const local of [false, true]) {
      const rows = realms.flatMap(({ mounts }) => mounts.list(table)).filter((row) => row.local === local);
      const size = rows.reduce((sum, row) => sum + encodeEntry(row).length, 0);
      const labels = { ...cluster, type, local: String(local) };
      gauges.push(gauge('vault.core.mount_table.num_entries', rows.length, labels));
      gauges.push(gauge('vault.core.mount_table.size', size, labels));
    }
  }
  return gauges;
}

async function usage(running: Running, cluster: Labels): Promise<Gauge[]> {
  const gauges: Gauge[] = [];
  let entities = 0;
  for (const realm of running.namespaces.realms()) {
    gauges.push(...(await usageOf(realm, cluster)));
    entities += await realm.services.identity.count();
  }
  return [...gauges, gauge('vault.identity.num_entities', entities)];
}

async function usageOf({ namespace, storage, mounts, services }: Realm, cluster: Labels): Promise<Gauge[]> {
  const labels = { ...cluster, namespace: namespaceLabel(namespace) };
  const names = await storage.list('sys/token/id/');
  const byPolicy = new Map<string, number>();
  const byAuth = new Map<string, number>();
  for (const name of names) {
    const stored = await storage.get(`sys/token/id/${name}`);
    if (stored === undefined) continue;
    const token = decodeToken(stored);
    for (const policy of token.policies) add(byPolicy, policy);
    add(byAuth, kindOf(mounts.match(token.path)?.entry.type ?? 'token'));
  }
  return [
    gauge('vault.token.count', names.length, labels),
    ...[...byPolicy].map(([policy, count]) => gauge('vault.token.count.by_policy', count, { ...labels, policy })),
    ...[...byAuth].map(([method, count]) =>
      gauge('vault.token.count.by_auth', count, { ...labels, auth_method: method }),
    ),
    gauge('vault.identity.entity.count', await services.identity.count(), labels),
  ];
}

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** Autopilot's view, which only the leader has. */
async function raftGauges(raft: RaftControl): Promise<Gauge[]> {
  let state: JsonObject | undefined;
  try {
    state = await raft.autopilotState();
  } catch {
    // Not the leader: nobody to tell of others.
    return [];
  }
  if (state === undefined) return [];
  const gauges = [
    gauge('vault.autopilot.healthy', state['healthy'] === true ? 1 : 0),
    gauge('vault.autopilot.failure_tolerance', asNumber(state['failure_tolerance']) ?? 0),
  ];
  const servers = Object.values(asObject(state['servers']) ?? {}).map((server) => asObject(server) ?? {});
  gauges.push(gauge('vault.raft.peers', asList(state['voters'])?.length ?? servers.length));
  const leader = asString(state['leader']) ?? '';
  const own = servers.find((server) => server['id'] === leader);
  for (const server of servers) {
    const id = asString(server['id']) ?? '';
    gauges.push(gauge('vault.autopilot.node.healthy', server['healthy'] === true ? 1 : 0, { node_id: id }));
    if (id === leader) continue;
    const delta = (asNumber(own?.['last_index']) ?? 0) - (asNumber(server['last_index']) ?? 0);
    const contact = parseDuration(asString(server['last_contact']) ?? '0s') / 1_000;
    gauges.push(gauge('vault.raft_storage.follower.applied_index_delta', delta, { peer_id: id }));
    gauges.push(gauge('vault.raft_storage.follower.last_heartbeat_ms', contact, { peer_id: id }));
  }
  return gauges;
}

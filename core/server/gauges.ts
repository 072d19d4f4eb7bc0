/**
 * The gauges of a node, sampled when somebody reads them: upstream sets them each second or each ten minutes, which
 * shows the same and costs an idle node its peace.
 */
import { asList, asNumber, asObject, asString } from '../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { parseDuration } from '../codec/duration.ts';
import type { Micros } from '../runtime.ts';
import type { RaftControl } from '../system/raft-control.ts';
import type { Labels, Metrics } from '../telemetry/metrics.ts';
import { type Gauge, gauge } from '../telemetry/reading.ts';
import { encodeEntry } from './mounts/entry-codec.ts';
import type { MountTable } from './mounts/entry.ts';
import type { Realm } from './namespaces/realm.ts';
import type { Running } from './post-unseal.ts';
import { countUsage, type UsageSettings } from './usage-gauges.ts';

/** What of the process the host can tell; sizes in bytes. */
export interface ProcessFigures {
  readonly allocated: number;
  readonly system: number;
  /** Since the process began. */
  readonly collections: number;
  /** Nanoseconds spent in them. */
  readonly collecting: number;
  /** What Prometheus knows of any process, by its names. */
  readonly process: Readonly<Record<string, number>>;
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
  readonly usage: UsageSettings;
  readonly metrics: Metrics;
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
    if (source.raft !== undefined) gauges.push(...(await raftGauges(source.raft, cluster)));
    return gauges;
  }

  async #usageGauges(source: GaugeSource, running: Running, cluster: Labels): Promise<readonly Gauge[]> {
    const { uptime, usage, metrics } = source;
    if (usage.period === 0 || uptime < usage.period) return [];
    if (uptime - this.#usageAt >= usage.period) {
      this.#usageAt = uptime;
      this.#usage = await countUsage(running, cluster, usage, metrics);
    }
    return this.#usage;
  }
}

function processGauges(figures: ProcessFigures | undefined): Gauge[] {
  if (figures === undefined) return [];
  return [
    gauge('vault.runtime.alloc_bytes', figures.allocated),
    gauge('vault.runtime.sys_bytes', figures.system),
    gauge('vault.runtime.total_gc_runs', figures.collections),
    gauge('vault.runtime.total_gc_pause_ns', figures.collecting),
  ];
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
  const queues = realms.flatMap(({ services }) => [...services.leases.queues()]);
  if (queues.length > 0) {
    const name = 'vault.expire.job_manager';
    const total = queues.reduce((all, [, length]) => all + length, 0);
    gauges.push(gauge(`${name}.total_jobs`, total, cluster));
    for (const [id, length] of queues) gauges.push(gauge(`${name}.queue_length`, length, { ...cluster, queue_id: id }));
  }
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

const shownServer = (server: JsonValue | undefined): JsonObject => asObject(server) ?? {};

/** Autopilot's view, which only the leader has. */
async function raftGauges(raft: RaftControl, cluster: Labels): Promise<Gauge[]> {
  return [...ownRaftGauges(raft, cluster), ...(await autopilotGauges(raft))];
}

function ownRaftGauges(raft: RaftControl, cluster: Labels): Gauge[] {
  const figures = raft.figures?.();
  if (figures === undefined) return [];
  const labels = { ...cluster, peer_id: figures.nodeId };
  return [
    gauge('vault.raft_storage.stats.term', figures.term, labels),
    gauge('vault.raft_storage.stats.commit_index', figures.commitIndex, labels),
    gauge('vault.raft_storage.stats.applied_index', figures.appliedIndex, labels),
    gauge('vault.raft_storage.stats.fsm_pending', figures.pending, labels),
    ...(figures.oldestLogAge === undefined ? [] : [gauge('vault.raft.leader.oldestLogAge', figures.oldestLogAge)]),
  ];
}

async function autopilotGauges(raft: RaftControl): Promise<Gauge[]> {
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
  const shown = asObject(state['servers']) ?? {};
  const servers = Object.entries(shown).map(([id, server]): JsonObject => ({ ...shownServer(server), id }));
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

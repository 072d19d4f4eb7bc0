/** What a node says of itself, sealed or not: sys/health, sys/seal-status, sys/leader, sys/ha-status. */
import { formatRfc3339 } from '../codec/rfc3339.ts';
import type { JsonValue } from '../codec/json.ts';
import { coded } from '../fault.ts';
import type { Health, LeaderStatus, SealStatus } from '../http/api.ts';
import type { NodeConfig } from './config.ts';
import type { SealManager } from './seal/manager.ts';
import type { States } from './states.ts';

export interface Subject {
  readonly config: NodeConfig;
  readonly seals: SealManager;
  readonly states: States;
}

export async function health({ config, seals, states }: Subject): Promise<Health> {
  const sealed = states.closed;
  const cluster = await states.clusterInfo();
  const ha = config.physical.ha !== undefined;
  const mode = !ha ? 'disabled' : sealed ? 'unknown' : (states.ha?.performanceMode ?? 'unknown');
  return {
    initialised: await seals.initialised(),
    sealed,
    standby: states.state !== 'active',
    performanceMode: sealed ? 'unknown' : mode,
    drMode: sealed || mode === 'unknown' ? 'unknown' : 'disabled',
    ...(cluster ? { clusterName: cluster.name, clusterId: cluster.id } : {}),
  };
}

/** `atOnce`: as it is now, whatever change is under way; else who asks during a change hears what came of it. */
export async function sealStatus({ config, seals, states }: Subject, atOnce = false): Promise<SealStatus> {
  if (!atOnce) await states.settled();
  const status = await seals.status();
  const cluster = await states.clusterInfo();
  return {
    ...status,
    sealed: states.closed,
    ...(status.recoverySeal ? { recoverySealType: 'shamir' } : {}),
    ...(cluster ? { clusterName: cluster.name, clusterId: cluster.id } : {}),
    storageType: config.physical.type,
  };
}

/** Rejects with `coded(503, 'Vault is sealed')` on a sealed node that has HA. */
export async function leaderStatus({ config, states }: Subject): Promise<LeaderStatus> {
  if (config.physical.ha === undefined) return { haEnabled: false };
  await states.settled();
  const { ha } = states;
  if (states.closed || ha === undefined) throw coded(503, 'Vault is sealed');
  const leader = await ha.leader();
  return {
    haEnabled: true,
    isSelf: leader.isSelf,
    ...(leader.isSelf && leader.activeSince !== undefined ? { activeTime: formatRfc3339(leader.activeSince) } : {}),
    ...(leader.apiAddr === undefined ? {} : { leaderAddress: leader.apiAddr }),
    ...(leader.clusterAddr === undefined ? {} : { leaderClusterAddress: leader.clusterAddr }),
    ...(leader.raftCommittedIndex === undefined ? {} : { raftCommittedIndex: leader.raftCommittedIndex }),
    ...(leader.raftAppliedIndex === undefined ? {} : { raftAppliedIndex: leader.raftAppliedIndex }),
  };
}

/** The rows of sys/ha-status; without high availability a node knows of itself alone. */
export async function haStatus({ config, states }: Subject): Promise<JsonValue[]> {
  const rows = await states.ha?.status();
  if (rows !== undefined) return rows;
  const own = new Map<string, JsonValue>([
    ['hostname', config.settings.hostname],
    ['api_address', config.apiAddr],
    ['cluster_address', config.clusterAddr],
    ['active_node', true],
    ['last_echo', null],
    ['version', config.settings.version],
  ]);
  return [own];
}

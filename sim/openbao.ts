/** The server under test on a simulated machine: core/server/node.ts with the storage and the seal that a story asks for. */
import { encodeBase64 } from '../core/codec/base64.ts';
import { asObject } from '../core/codec/json-fields.ts';
import { jsonObject } from '../core/codec/json.ts';
import { decodeUtf8 } from '../core/codec/utf8.ts';
import { failure } from '../core/fault.ts';
import { type Runtime, SECOND } from '../core/runtime.ts';
import type { AuditStanza } from '../core/server/audit/declared.ts';
import type { NodeConfig, Physical } from '../core/server/config.ts';
import { defaultConfig } from '../core/server/default-config.ts';
import type { JoinRequest } from '../core/server/ha/raft-join.ts';
import { RaftPhysical, raftDefaults } from '../core/server/ha/raft-physical.ts';
import { Node } from '../core/server/node.ts';
import { StaticWrapper } from '../core/server/seal/static-wrapper.ts';
import { FileStorage } from '../core/storage/file.ts';
import { InmemStorage } from '../core/storage/inmem.ts';
import { HttpClient, jsonOf } from './client.ts';
import type { NodeFactory, NodePlan, RunningNode } from './node.ts';

/** A joining node waits so long for an answer (Go's client gives a minute). */
const JOIN_TIMEOUT = 60 * SECOND;

/** What `audit: true` among a cluster's settings declares on every node. */
const AUDIT_FILE: AuditStanza = {
  type: 'file',
  path: 'file',
  description: '',
  options: { file_path: 'audit.log' },
  local: false,
};

export const openbao: NodeFactory = async (runtime, plan): Promise<RunningNode> => {
  const physical = await openPhysical(runtime, plan);
  const node = new Node(runtime, nodeConfig(runtime, plan, physical));
  if (physical instanceof RaftPhysical) {
    physical.attach(node);
    await physical.resume();
    if (plan.retryJoin.length > 0)
      void physical.retryJoin(
        plan.retryJoin.map((address) => ({ address })),
        plan.settings['retry_join_as_non_voter'] === true,
      );
  }
  // Auto-unseal goes on beside the listener, as upstream's does.
  void node.start();
  const common = { http: node.http, sealed: (): boolean => node.barrier.sealed, stop: () => node.stop() };
  return physical instanceof RaftPhysical ? { ...common, digest: () => physical.storage.fsm.digest() } : common;
};

async function openPhysical(runtime: Runtime, plan: NodePlan): Promise<Physical> {
  switch (plan.storage) {
    case 'inmem':
      return { type: 'inmem', storage: new InmemStorage() };
    case 'file':
      return { type: 'file', storage: new FileStorage(runtime.disk) };
    case 'raft':
      return openRaft(runtime, plan);
  }
}

function openRaft(runtime: Runtime, plan: NodePlan): Promise<RaftPhysical> {
  const setting = (name: string, usual: number): number => Number(plan.settings[name] ?? usual);
  return RaftPhysical.open(runtime, {
    path: '',
    nodeId: plan.name,
    clusterAddress: plan.clusterAddress,
    performanceMultiplier: plan.multiplier,
    trailingLogs: setting('trailing_logs', raftDefaults.trailingLogs),
    snapshotThreshold: setting('snapshot_threshold', raftDefaults.snapshotThreshold),
    snapshotInterval: setting('snapshot_interval', raftDefaults.snapshotInterval / SECOND) * SECOND,
    logSyncs: 2,
    standbyReads: plan.standbyReads,
    hostname: plan.name,
    version: plan.profile,
    put: joinPut(runtime),
    panic: (message) => {
      throw new Error(message);
    },
  });
}

function nodeConfig(runtime: Runtime, plan: NodePlan, physical: Physical): NodeConfig {
  const usual = defaultConfig(physical);
  const { seal } = plan;
  const wrapper =
    seal.type === 'static'
      ? { seal: new StaticWrapper(runtime, { currentKey: encodeBase64(seal.key), currentKeyId: seal.keyId }) }
      : {};
  return {
    ...usual,
    ...wrapper,
    audit: plan.settings['audit'] === true ? [AUDIT_FILE] : [],
    options: {
      ...usual.options,
      ui: false,
      unauthenticatedMetrics: plan.settings['unauthenticated_metrics_access'] === true,
    },
    settings: { ...usual.settings, hostname: plan.name },
    apiAddr: plan.advertised,
    clusterAddr: `https://${plan.clusterAddress}`,
  };
}

/** The API as a joining node reaches it. */
function joinPut(runtime: Runtime): JoinRequest['put'] {
  const client = new HttpClient(runtime, { timeout: JOIN_TIMEOUT });
  return async ({ address }, path, body) => {
    const host = address.replace(/^https?:\/\//, '');
    const answer = await client.request(host, 'PUT', `/v1/${path}`, { body });
    if (answer.status !== 200) throw failure(`${answer.status} ${decodeUtf8(answer.body).trim()}`);
    return asObject(jsonOf(answer)['data']) ?? jsonObject({});
  };
}

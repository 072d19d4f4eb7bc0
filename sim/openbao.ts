/** The server under test on a simulated machine: core/server/node.ts with the storage and the seal that a story asks for. */
import { encodeBase64 } from '../core/codec/base64.ts';
import { asObject } from '../core/codec/json-fields.ts';
import { jsonObject } from '../core/codec/json.ts';
import { decodeUtf8 } from '../core/codec/utf8.ts';
import { Fault, failure, StorageFailed } from '../core/fault.ts';
import { type Runtime, SECOND } from '../core/runtime.ts';
import type { AuditStanza } from '../core/server/audit/declared.ts';
import type { NodeConfig, Physical } from '../core/server/config.ts';
import { defaultConfig } from '../core/server/default-config.ts';
import { builtinCatalog } from '../core/server/mounts/builtin.ts';
import type { JoinRequest } from '../core/server/ha/raft-join.ts';
import { postgresPhysical } from '../core/server/ha/postgresql-physical.ts';
import { raftForHaOnly } from '../core/server/ha/raft-ha-only.ts';
import { RaftPhysical, raftDefaults } from '../core/server/ha/raft-physical.ts';
import { Node } from '../core/server/node.ts';
import { profileOf } from '../core/server/profile.ts';
import { TransitWrapper } from '../core/server/seal/transit-wrapper.ts';
import type { SealWrapper } from '../core/server/seal/wrapper.ts';
import { StaticWrapper } from '../core/server/seal/static-wrapper.ts';
import { FileStorage } from '../core/storage/file.ts';
import { InmemStorage } from '../core/storage/inmem.ts';
import { PostgresStorage } from '../core/storage/postgresql/backend.ts';
import { HttpClient, jsonOf } from './client.ts';
import { ProcessConnections } from './postgresql/connections.ts';
import { LOCK_TABLE, TABLE } from './postgresql/session.ts';
import type { NodeFactory, NodePlan, RunningNode, SealChoice } from './node.ts';

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
/** systemd's RestartSec, as upstream's unit file has it. */
const SUPERVISOR_PAUSE = 5 * SECOND;

export const openbao: NodeFactory = async (runtime, plan): Promise<RunningNode> => {
  const seals = await configuredSeals(runtime, plan);
  const { physical, raft } = await openPhysical(runtime, plan);
  const node = new Node(runtime, { ...nodeConfig(plan, physical), ...seals });
  if (raft !== undefined) {
    raft.attach(node);
    await raft.resume();
    if (physical === raft && plan.retryJoin.length > 0)
      void raft.retryJoin(
        plan.retryJoin.map((address) => ({ address })),
        plan.settings['retry_join_as_non_voter'] === true,
      );
  }
  // Auto-unseal goes on beside the listener, as upstream's does.
  void started(runtime, node);
  const common = { http: node.http, sealed: (): boolean => node.barrier.sealed, stop: () => node.stop() };
  return raft === undefined ? common : { ...common, digest: () => raft.storage.fsm.digest() };
};

/** A server that cannot read its storage ends when it starts, and is started again. */
async function started(runtime: Runtime, node: Node): Promise<void> {
  for (;;) {
    try {
      await node.start();
      return;
    } catch (error) {
      if (!(error instanceof StorageFailed)) throw error;
      runtime.log.write('error', '', `Error initializing core: ${error.message}`);
      await runtime.clock.sleep(SUPERVISOR_PAUSE);
    }
  }
}

interface Opened {
  readonly physical: Physical;
  /** The same, or beside it for high availability alone. */
  readonly raft?: RaftPhysical;
}

async function openPhysical(runtime: Runtime, plan: NodePlan): Promise<Opened> {
  if (plan.storage === 'raft') {
    const raft = await openRaft(runtime, plan, false);
    return { physical: raft, raft };
  }
  const physical = openData(runtime, plan);
  if (plan.settings['ha_storage'] !== 'raft') return { physical };
  const raft = await openRaft(runtime, plan, true);
  return { physical: raftForHaOnly(physical, raft), raft };
}

function openData(runtime: Runtime, plan: NodePlan): Physical {
  if (plan.storage === 'postgresql') return openPostgres(runtime, plan);
  return { type: plan.storage, storage: plan.storage === 'inmem' ? new InmemStorage() : new FileStorage(runtime.disk) };
}

function openPostgres(runtime: Runtime, plan: NodePlan): Physical {
  const sql = new ProcessConnections(runtime.network, plan.database!);
  return postgresPhysical(runtime, {
    storage: new PostgresStorage(sql, { table: TABLE, transactions: 64 }),
    sql,
    lockTable: plan.settings['ha_storage'] === 'raft' ? undefined : LOCK_TABLE,
    listenAddresses: [plan.clusterAddress],
    hostname: plan.name,
    holdsData: true,
    standbyReads: plan.standbyReads && profileOf(plan.profile).sharedReads,
  });
}

function openRaft(runtime: Runtime, plan: NodePlan, haOnly: boolean): Promise<RaftPhysical> {
  const profile = profileOf(plan.profile);
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
    ...(plan.files && { files: plan.files }),
    haOnly,
    standbyReads: plan.standbyReads && profile.standbyReads,
    hostname: plan.name,
    version: profile.version,
    put: joinPut(runtime),
    panic: (message) => {
      throw new Error(message);
    },
  });
}

/**
 * A server whose key service does not answer ends with exit code 1 before it opens its storage, and what supervises it
 * starts it again after a while.
 */
async function configuredSeals(runtime: Runtime, plan: NodePlan): Promise<Pick<NodeConfig, 'seal' | 'oldSeal'>> {
  for (;;) {
    try {
      const seal = await connected(runtime, plan.seal);
      const oldSeal = plan.oldSeal === undefined ? undefined : await connected(runtime, plan.oldSeal);
      return { ...(seal === undefined ? {} : { seal }), ...(oldSeal === undefined ? {} : { oldSeal }) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      runtime.log.write('error', '', `Error configuring seal "transit": ${error.message}`);
      await runtime.clock.sleep(SUPERVISOR_PAUSE);
    }
  }
}

async function connected(runtime: Runtime, choice: SealChoice): Promise<SealWrapper | undefined> {
  switch (choice.type) {
    case 'shamir':
      return undefined;
    case 'static':
      return new StaticWrapper(runtime, { currentKey: encodeBase64(choice.key), currentKeyId: choice.keyId });
    case 'transit': {
      const settings = { mountPath: 'transit/', namespace: '', tls: undefined, keyIdPrefix: '', disableRenewal: false };
      const wrapper = new TransitWrapper(runtime, { ...choice, ...settings });
      await wrapper.connect();
      return wrapper;
    }
  }
}

function nodeConfig(plan: NodePlan, physical: Physical): NodeConfig {
  const usual = defaultConfig(physical, builtinCatalog(), profileOf(plan.profile));
  return {
    ...usual,
    catalog: { ...usual.catalog, secret: new Map([...usual.catalog.secret, ...(plan.engines ?? [])]) },
    audit: plan.settings['audit'] === true ? [AUDIT_FILE] : [],
    options: {
      ...usual.options,
      ui: plan.settings['ui'] === true,
      maxIndexWait: Number(plan.settings['consistency_max_index_wait'] ?? 0) * SECOND,
      unauthenticatedMetrics: plan.settings['unauthenticated_metrics_access'] === true,
      unauthenticatedRekey: plan.settings['disable_unauthed_rekey_endpoints'] === false,
      unauthenticatedGenerateRoot: plan.settings['disable_unauthed_generate_root_endpoints'] === false,
    },
    settings: {
      ...usual.settings,
      hostname: plan.name,
      rawStorage: plan.settings['raw_storage_endpoint'] === true,
      crossNamespaceIdentity: plan.settings['unsafe_cross_namespace_identity'] === true,
      apiAuditCreation: plan.settings['unsafe_allow_api_audit_creation'] === true,
      signsTokens: plan.settings['disable_ssct_tokens'] === false,
    },
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

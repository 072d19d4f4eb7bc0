/**
 * From an open barrier to a node that answers: mounts, policies, tokens, leases, audit … in upstream's order, either
 * for the active node or, read-only, for a standby. What it returns is dropped as a whole at seal or step-down.
 */
import type { JsonObject } from '../codec/json.ts';
import type { IndexState, MaybeLater } from '../http/api.ts';
import { Scope } from '../scope.ts';
import { StorageView } from '../storage/view.ts';
import type { Barrier } from '../storage/barrier/barrier.ts';
import type { SystemNode } from '../system/context.ts';
import type { Runtime } from '../runtime.ts';
import type { Active } from './active.ts';
import { AuditBroker } from './audit/broker.ts';
import type { NodeConfig } from './config.ts';
import { Cors } from './cors.ts';
import { checkDeclaredPlugins } from './mounts/declared-plugins.ts';
import { lockoutsFor } from './lockout.ts';
import { Namespaces } from './namespaces/namespaces.ts';
import type { NamespaceSeals } from './namespaces/seals.ts';
import type { Realm } from './namespaces/realm.ts';
import { rootNamespace } from '../framework/root-namespace.ts';
import { Quotas } from './quotas/quotas.ts';
import { startRollback, tellRollbackWorkers } from './rollback.ts';
import { makeIndexKey, TokenSigning } from './tokens/signed.ts';
import { VersionHistory } from './version-history.ts';

export interface PostUnseal {
  readonly runtime: Runtime;
  readonly config: NodeConfig;
  readonly barrier: Barrier;
  readonly active: boolean;
  readonly clusterId: () => string;
  /** How far this node has come; undefined where the storage has no such index. */
  readonly index: () => MaybeLater<IndexState | undefined>;
  readonly system: SystemNode;
  /** Of namespaces. */
  readonly seals: NamespaceSeals;
  /** What else an active node begins, once its state is there. */
  readonly duties?: (() => Promise<void>) | undefined;
  /** The seal's keys are brought up to date, on the active node. */
  readonly upgradeKeys: () => Promise<void>;
}

/** The root namespace, through which the others are reached. */
export interface Running extends Omit<Realm, 'stop'> {
  /** Timers, leases, devices: everything that would go on by itself. */
  stop(): Promise<void>;
}

export async function postUnseal(given: PostUnseal): Promise<Running> {
  const { runtime, config, barrier, active } = given;
  const { metrics, log } = runtime;
  const office = new Scope();
  const bytes = (length: number) => runtime.random.bytes(length);
  const prefixing = config.settings.auditPrefixing;
  const audit = new AuditBroker({ runtime, barrier, active, open: config.openAudit, prefixing });
  const { index } = given;
  const { signsTokens: signs } = config.settings;
  const tokenSigning = new TokenSigning({ barrier, crypto: runtime.crypto, index, signs });
  const cors = new Cors(new StorageView(barrier, 'sys/config/'));
  const versions = new VersionHistory(barrier);
  const quotas = new Quotas(barrier, runtime.clock);
  const shared = {
    runtime,
    config,
    office,
    standby: !active,
    clusterId: given.clusterId,
    seals: given.seals,
    system: (realm: () => Active) => systemOf(given.system, realm, config.physical.ha !== undefined),
    audit,
    tokenSigning,
    cors,
    versions,
    lockouts: lockoutsFor(runtime, config.userLockouts),
    quotas,
    migrations: new Map<string, JsonObject>(),
  };
  const namespaces = new Namespaces(shared, barrier);
  const root = namespaces.root.realm!;
  const began = metrics?.now() ?? 0;

  const stop = async (): Promise<void> => {
    office.cancel();
    namespaces.stop();
    log.write('debug', 'expiration', 'stop triggered');
    log.write('debug', 'expiration', 'finished stopping');
    log.write('info', 'rollback', 'stopping rollback manager');
    await audit.stop();
  };
  try {
    if (active) await makeIndexKey(barrier, bytes);
    await root.services.wrapping.setup();
    if (active) log.write('info', 'core', 'loaded wrapping token key');
    log.write('info', 'core', 'successfully setup plugin catalog', {
      'plugin-directory': config.pluginDirectory ?? '',
    });
    log.write('debug', 'core.plugins', 'starting declarative plugin registration');
    if (active) checkDeclaredPlugins(config.plugins ?? [], config.catalog);
    log.write('debug', 'core.plugins', 'declarative plugin registration completed');
    await namespaces.load();
    await cors.load();
    await quotas.load();
    tellRollbackWorkers(runtime);
    namespaces.restoreLeases();
    await audit.load(config.audit);
    await namespaces.loadIdentity();
    await given.duties?.();
    if (active && config.usage.period === 0) log.write('info', 'core', 'usage gauge collection is disabled');
    if (active) await versions.record(config.settings, runtime.clock.wall(), log);
    else await versions.load();
    await given.upgradeKeys();
    await namespaces.initialize();
  } catch (error) {
    await stop();
    throw error;
  }
  metrics?.since('vault.core.post_unseal', began);
  const rollback = active ? startRollback(namespaces, runtime) : undefined;

  return {
    ...root,
    stop: async () => {
      const since = metrics?.now() ?? 0;
      rollback?.cancel();
      await stop();
      metrics?.since('vault.core.pre_seal', since);
    },
  };
}

/** The node as sys/ of one namespace sees it. */
const systemOf = (node: SystemNode, realm: () => Active, ha: boolean): SystemNode => ({
  ...node,
  active: realm,
  keys: () => {
    const { namespace, namespaces, scope } = realm();
    if (namespace.id === rootNamespace.id) return node.keys();
    const seals = namespaces.keysOf(namespace);
    return { barrier: seals.barrier, seals, rotate: async () => void (await seals.rotateKey({ ha, scope })) };
  },
});

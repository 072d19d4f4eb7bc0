/**
 * From an open barrier to a node that answers: mounts, policies, tokens, leases, audit … in upstream's order, either
 * for the active node or, read-only, for a standby. What it returns is dropped as a whole at seal or step-down.
 */
import { makeUuid } from '../codec/uuid.ts';
import { randomBase62 } from '../codec/base62.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { createBackend } from '../framework/backend.ts';
import { Scope } from '../scope.ts';
import { StorageView } from '../storage/view.ts';
import type { Barrier } from '../storage/barrier/barrier.ts';
import type { SystemNode } from '../system/context.ts';
import { systemEngine } from '../system/system.ts';
import type { Runtime, Timer } from '../runtime.ts';
import type { Active } from './active.ts';
import { AuditBroker } from './audit/broker.ts';
import type { NodeConfig } from './config.ts';
import { rollbackInterval } from './config.ts';
import { Cors } from './cors.ts';
import { createIdentity } from './identity/identity.ts';
import { createLeases } from './leases/leases.ts';
import { Lockouts } from './lockout.ts';
import { measureRouter, measureServices } from './measured.ts';
import { Mounts } from './mounts/mounts.ts';
import { passwordBy } from './passwords/passwords.ts';
import { createPolicies } from './policy/policies.ts';
import { Quotas } from './quotas/quotas.ts';
import type { ServiceContext, Services } from './services.ts';
import { createTokens } from './tokens/tokens.ts';
import { VersionHistory } from './version-history.ts';
import { createWrapping } from './wrapping/wrapping.ts';

export interface PostUnseal {
  readonly runtime: Runtime;
  readonly config: NodeConfig;
  readonly barrier: Barrier;
  readonly active: boolean;
  readonly clusterId: () => string;
  readonly clusterName: () => string;
  readonly system: SystemNode;
}

export interface Running extends Active {
  /** Timers, leases, devices: everything that would go on by itself. */
  stop(): Promise<void>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export async function postUnseal(given: PostUnseal): Promise<Running> {
  const { runtime, config, barrier, active } = given;
  const scope = new Scope();
  const services = {} as Mutable<Services>;
  const bytes = (length: number) => runtime.random.bytes(length);
  const audit = new AuditBroker({
    runtime,
    barrier,
    active,
    open: config.openAudit,
    prefixing: config.settings.auditPrefixing,
  });
  const mounts = new Mounts({
    runtime,
    barrier,
    active,
    catalog: config.catalog,
    builtin: (type, context) => {
      if (type === 'token') return services.tokens.backend;
      if (type === 'identity') return services.identity.mount(context);
      if (type === 'system') return createBackend(systemEngine, { ...context, node: given.system });
      return undefined;
    },
    system: {
      active,
      defaultLeaseTtl: config.settings.defaultLeaseTtl,
      maxLeaseTtl: config.settings.maxLeaseTtl,
      clusterId: given.clusterId,
      entity: async (id) => {
        const entity = await services.identity.entity(id);
        return entity && { id: entity.id, name: entity.name, metadata: { ...entity.metadata } };
      },
      generatePassword: (policy) => passwordBy(barrier, runtime.random, policy),
    },
  });
  const context: ServiceContext = {
    runtime,
    scope,
    barrier,
    active,
    system: {
      defaultLeaseTtl: config.settings.defaultLeaseTtl,
      maxLeaseTtl: config.settings.maxLeaseTtl,
      apiAddr: config.apiAddr,
      clusterId: given.clusterId,
      seal: (plaintext) => barrier.encrypt('', plaintext),
      open: (sealed) => opened(barrier, sealed),
      base62: (length) => randomBase62(length, bytes),
      uuid: () => makeUuid(bytes),
    },
    mounts,
    services,
  };
  services.policies = createPolicies(context);
  services.identity = createIdentity(context);
  services.leases = createLeases(context);
  services.tokens = createTokens(context);
  services.wrapping = createWrapping(context);
  const { metrics } = runtime;
  const began = metrics?.now() ?? 0;
  if (metrics !== undefined) {
    measureServices(services, metrics, given.clusterName);
    measureRouter(mounts.router, metrics);
  }
  const cors = new Cors(new StorageView(barrier, 'sys/config/'));
  const versions = new VersionHistory(barrier);
  const quotas = new Quotas(barrier, runtime.clock);

  const stop = async (): Promise<void> => {
    scope.cancel();
    services.leases.stop();
    mounts.stop();
    await audit.stop();
  };
  try {
    if (active) await makeIndexKey(barrier, bytes);
    if (active) await versions.record(config.settings, runtime.clock.wall());
    else await versions.load();
    await mounts.load();
    await services.policies.setup();
    await cors.load();
    await quotas.load();
    if (active) await services.leases.restore();
    await audit.load(config.audit);
    await services.wrapping.setup();
    await mounts.initialize();
  } catch (error) {
    await stop();
    throw error;
  }
  metrics?.since('vault.core.post_unseal', began);
  const rollback = active ? startRollback(mounts, runtime) : undefined;

  return {
    runtime,
    scope,
    standby: !active,
    mounts,
    services,
    audit,
    check: { router: mounts.router, services, standby: !active },
    cors,
    versions,
    lockouts: new Lockouts(runtime.clock),
    quotas,
    migrations: new Map(),
    stop: async () => {
      const since = metrics?.now() ?? 0;
      rollback?.cancel();
      await stop();
      metrics?.since('vault.core.pre_seal', since);
    },
  };
}

/** What the index headers of a cluster are signed with. */
async function makeIndexKey(barrier: Barrier, bytes: (length: number) => Uint8Array): Promise<void> {
  const key = 'core/index-header-hmac-key';
  if ((await barrier.get(key)) === undefined) await barrier.put(key, encodeUtf8(makeUuid(bytes)));
}

function opened(barrier: Barrier, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return barrier.decrypt('', sealed);
  } catch {
    return undefined;
  }
}

/** Once a minute every backend may tidy up. */
function startRollback(mounts: Mounts, runtime: Runtime): Timer {
  let timer: Timer;
  const run = async () => {
    timer = runtime.clock.after(rollbackInterval, () => void run());
    for (const route of mounts.router.all()) {
      try {
        await route.backend.periodic?.();
      } catch (error) {
        runtime.log.write('error', 'rollback', 'error rolling back', { path: route.point, error });
      }
    }
  };
  timer = runtime.clock.after(rollbackInterval, () => void run());
  return { cancel: () => timer.cancel() };
}

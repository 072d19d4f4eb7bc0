/**
 * All that one namespace has while it is open: its mounts and its services over its own part of storage. Root's is
 * made like any other. Only what belongs to the node as a whole (audit, quotas …) is shared.
 */
import { grantedKey } from '../external-keys/granted.ts';
import { randomBase62 } from '../../codec/base62.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { createBackend } from '../../framework/backend.ts';
import type { Namespace } from '../../framework/logical.ts';
import { Scope } from '../../scope.ts';
import type { Barrier } from '../../storage/barrier/barrier.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageView } from '../../storage/view.ts';
import type { SystemNode } from '../../system/context.ts';
import { systemEngine, systemOnRaft } from '../../system/system.ts';
import type { Active } from '../active.ts';
import type { NodeConfig } from '../config.ts';
import { createIdentity } from '../identity/identity.ts';
import { createLeases } from '../leases/leases.ts';
import { measureRouter, measureServices } from '../measured.ts';
import { kindOf } from '../mounts/defaults.ts';
import { Mounts } from '../mounts/mounts.ts';
import { usualPassword } from '../passwords/generate.ts';
import { passwordForEngine } from '../passwords/passwords.ts';
import { createPolicies } from '../policy/policies.ts';
import { fillTemplate } from '../policy/template.ts';
import type { ServiceContext, Services } from '../services.ts';
import { createTokens } from '../tokens/tokens.ts';
import { createWrapping } from '../wrapping/wrapping.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import type { NamespaceSeals } from './seals.ts';

/** What the realms of a node have in common. */
export interface Shared extends Omit<Active, 'scope' | 'namespace' | 'mounts' | 'services' | 'check' | 'storage'> {
  readonly config: NodeConfig;
  /** Ends with the node's term; every realm's own scope ends with it. */
  readonly office: Scope;
  readonly clusterId: () => string;
  /** Of namespaces with a seal of their own. */
  readonly seals: NamespaceSeals;
  /** sys/ of a namespace: the node as seen from there. */
  readonly system: (realm: () => Active) => SystemNode;
}

export interface Realm extends Active {
  readonly context: ServiceContext;
  /** The barrier that encrypts for it: its own, or the nearest one above. */
  readonly barrier: Barrier;
  /** The mounts' own beginning, once everything around them is there. `made`: for the first time. */
  initialize(made?: boolean): Promise<void>;
  stop(): void;
}

/** Where a namespace's data lies in the barrier. */
export const namespacePrefix = ({ id, uuid }: Namespace): string =>
  id === rootNamespace.id ? '' : `namespaces/${uuid}/`;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function makeRealm(shared: Shared, namespace: Namespace, barrier: Barrier): Realm {
  const { runtime, config, standby } = shared;
  const scope = new Scope(shared.office);
  const prefix = namespacePrefix(namespace);
  const storage: Storage = prefix === '' ? barrier : new StorageView(barrier, prefix);
  const services = {} as Mutable<Services>;
  const system = shared.system(() => realm);
  const { defaultLeaseTtl, maxLeaseTtl } = config.settings;
  const mounts = new Mounts({
    runtime,
    namespace,
    barrier: storage,
    active: !standby,
    catalog: config.catalog,
    resolvesNames: config.settings.resolvesNames,
    taken: (point) => shared.namespaces.inTheWay(namespace, point),
    builtin: (type, context) => {
      if (kindOf(type) === 'token') return services.tokens.backend;
      if (kindOf(type) === 'identity') return services.identity.mount(context);
      if (kindOf(type) === 'system')
        return createBackend(system.raft === undefined ? systemEngine : systemOnRaft, { ...context, node: system });
      return undefined;
    },
    system: {
      active: !standby,
      defaultLeaseTtl,
      maxLeaseTtl,
      clusterId: shared.clusterId,
      // Upstream has one token store for all namespaces, with the root's limits; tuning others' is kept and does nothing.
      limitsOf: ({ type }) =>
        kindOf(type) === 'token' && namespace.id !== rootNamespace.id
          ? shared.namespaces.context(rootNamespace.id)?.mounts.match('auth/token/')?.system
          : undefined,
      entity: async (id) => {
        const entity = await services.identity.entity(id);
        return entity && { id: entity.id, name: entity.name, metadata: { ...entity.metadata } };
      },
      generatePassword: async (policy) =>
        policy === '' ? usualPassword(runtime.random) : passwordForEngine(storage, runtime.random, policy),
      fillTemplate: async (text, entityId, forbidden) => {
        const entity = await services.identity.entity(entityId);
        const groups = entity === undefined ? [] : await services.identity.groups(entity);
        return fillTemplate(text, { entity, groups, forbidden });
      },
      externalKey: (point, reference) => grantedKey(runtime, storage, point, reference),
    },
    logs: (logger) => system.logLevels.named.add(logger),
  });
  const bytes = (length: number) => runtime.random.bytes(length);
  const context: ServiceContext = {
    runtime,
    namespace,
    in: (id) => (id === namespace.id ? context : shared.namespaces.context(id)),
    namespaceOfMount: (accessor) => shared.namespaces.ofMount(accessor),
    all: () => shared.namespaces.contexts(),
    scope,
    barrier: storage,
    active: !standby,
    system: {
      defaultLeaseTtl,
      maxLeaseTtl,
      apiAddr: config.apiAddr,
      clusterId: shared.clusterId,
      seal: (plaintext) => barrier.encrypt('', plaintext),
      open: (sealed) => opened(barrier, sealed),
      tokenSigning: shared.tokenSigning,
      crossNamespaceIdentity: config.settings.crossNamespaceIdentity,
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
  if (runtime.metrics !== undefined) {
    const pointOf = (accessor: string): string => mounts.byAccessor(accessor)?.point ?? '';
    measureServices(services, runtime.metrics, namespace, pointOf);
    measureRouter(mounts.router, runtime.metrics, namespace);
  }

  const realm: Realm = {
    ...shared,
    scope,
    namespace,
    context,
    barrier,
    storage,
    mounts,
    services,
    check: { router: mounts.router, context, standby },
    initialize: (made) => mounts.initialize(made),
    stop: () => {
      scope.cancel();
      services.leases.stop();
      mounts.stop();
    },
  };
  return realm;
}

function opened(barrier: Barrier, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return barrier.decrypt('', sealed);
  } catch {
    return undefined;
  }
}

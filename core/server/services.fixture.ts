/** Services for tests: in-memory storage, a clock that is moved by hand, and one backend whose secrets can refuse to end. */
import { randomBase62 } from '../codec/base62.ts';
import { asString } from '../codec/json-fields.ts';
import { makeUuid } from '../codec/uuid.ts';
import { failure } from '../fault.ts';
import { drbg } from '../crypto/drbg.ts';
import { portableCrypto } from '../crypto/portable.ts';
import type { Backend, Request, SystemView } from '../framework/logical.ts';
import type { Micros, Runtime } from '../runtime.ts';
import { HOUR } from '../runtime.ts';
import { Scope } from '../scope.ts';
import { InmemStorage } from '../storage/inmem.ts';
import { StorageView } from '../storage/view.ts';
import type { TraceEvent } from '../trace.ts';
import { createIdentity } from './identity/identity.ts';
import { rootNamespace } from '../framework/root-namespace.ts';
import { createLeases } from './leases/leases.ts';
import type { MountEntry } from './mounts/entry.ts';
import { createPolicies } from './policy/policies.ts';
import type { RoutedMount, ServiceContext, Services } from './services.ts';
import { createTokens } from './tokens/tokens.ts';
import { TokenSigning } from './tokens/signed.ts';
import { createWrapping } from './wrapping/wrapping.ts';

const START: Micros = 1_795_404_619_175_091;

/** Wall and monotonic time in one; `advance` fires timers in their order. */
export class HandClock {
  now = START;
  readonly #timers = new Set<{ at: Micros; run: () => void }>();

  wall = (): Micros => this.now;
  monotonic = (): Micros => this.now - START;

  after = (delay: Micros, run: () => void): { cancel(): void } => {
    const timer = { at: this.now + Math.max(1, delay), run };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  };

  sleep = (delay: Micros): Promise<void> => new Promise((resolve) => this.after(delay, resolve));

  async advance(by: Micros): Promise<void> {
    const end = this.now + by;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.now = Math.max(this.now, due.at);
      due.run();
    }
    this.now = end;
    await settle();
  }
}

/** Lets everything that waits for nothing but promises run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
}

export interface TestServices {
  readonly context: ServiceContext;
  readonly services: Services;
  readonly storage: InmemStorage;
  readonly clock: HandClock;
  readonly traced: TraceEvent[];
  /** Leases that the secret backend was asked to end, by their `internal.id`. */
  readonly ended: string[];
  /** Texts that the secret backend refuses with, by `internal.id`; '*' is any. */
  readonly refusals: Map<string, string>;
  readonly request: (parts: Partial<Request>) => Request;
}

const system = (active: boolean): SystemView => ({
  defaultLeaseTtl: () => 768 * HOUR,
  maxLeaseTtl: () => 768 * HOUR,
  active,
  clusterId: 'cluster',
  entity: () => Promise.resolve(undefined),
  generatePassword: () => Promise.reject(failure('none')),
  fillTemplate: () => Promise.reject(failure('none')),
  externalKey: () => Promise.reject(failure('none')),
});

export function testServices(storage = new InmemStorage(), active = true): TestServices {
  const clock = new HandClock();
  const traced: TraceEvent[] = [];
  const ended: string[] = [];
  const refusals = new Map<string, string>();
  const bytes = drbg(new Uint8Array(32).fill(7));
  const runtime = {
    name: 'test',
    clock,
    random: { bytes, below: (bound: number) => bytes(1)[0]! % bound },
    cpu: { spend() {} },
    crypto: portableCrypto(),
    log: { write() {} },
    trace: (event: TraceEvent) => traced.push(event),
  } as unknown as Runtime;

  const secrets: Backend = {
    type: 'secrets',
    special: { root: [], unauthenticated: [], binary: [] },
    exists: () => Promise.resolve(undefined),
    handle: (request) => {
      const id = asString(request.secret?.internal['id']) ?? '';
      const refusal = refusals.get(id) ?? refusals.get('*');
      if (refusal !== undefined) return Promise.reject(failure(refusal));
      if (request.operation === 'revoke') ended.push(id);
      return Promise.resolve(request.secret === undefined ? undefined : { secret: request.secret });
    },
  };
  const services = {} as { -readonly [K in keyof Services]: Services[K] };
  const mounts = new Map<string, RoutedMount>();
  const mount = (point: string, type: string, uuid: string, backend: () => Backend): void => {
    const prefix = point.startsWith('auth/') ? `auth/${uuid}/` : `logical/${uuid}/`;
    mounts.set(point, {
      entry: {
        path: point.replace(/^auth\//, ''),
        type,
        uuid,
        accessor: `${type}_1`,
        config: { tokenType: 'default-service' },
      } as MountEntry,
      point,
      storage: new StorageView(storage, prefix),
      system: system(active),
      get backend() {
        return backend();
      },
      tainted: false,
    });
  };
  mount('auth/token/', 'token', 'token-uuid', () => services.tokens.backend);
  mount('auth/userpass/', 'userpass', 'userpass-uuid', () => secrets);
  mount('identity/', 'identity', 'identity-uuid', () => services.identity.backend);
  mount('cubbyhole/', 'cubbyhole', 'cubbyhole-uuid', () => secrets);
  mount('secrets/', 'secrets', 'secrets-uuid', () => secrets);
  const match = (path: string): RoutedMount | undefined =>
    [...mounts.values()].find(({ point }) => path.startsWith(point));

  const context: ServiceContext = {
    runtime,
    namespace: rootNamespace,
    namespaceOfMount: () => undefined,
    all: () => [context],
    in: (id) => (id === '' || id === rootNamespace.id ? context : undefined),
    scope: new Scope(),
    barrier: storage,
    active,
    system: {
      defaultLeaseTtl: 768 * HOUR,
      maxLeaseTtl: 768 * HOUR,
      apiAddr: 'http://127.0.0.1:8200',
      clusterId: () => 'cluster',
      seal: (plaintext) => Uint8Array.of(0, 0, 0, 1, 2, ...plaintext),
      open: (sealed) => (sealed[3] === 1 && sealed[4] === 2 ? sealed.subarray(5) : undefined),
      tokenSigning: new TokenSigning({
        barrier: storage,
        crypto: runtime.crypto,
        index: () => undefined,
        signs: false,
      }),
      crossNamespaceIdentity: false,
      base62: (length) => randomBase62(length, bytes),
      uuid: () => makeUuid(bytes),
    },
    mounts: {
      match,
      all: () => mounts.values(),
      byAccessor: (accessor) => [...mounts.values()].find(({ entry }) => entry.accessor === accessor),
      route: async (request) => {
        const found = match(request.path);
        if (found === undefined) throw failure('unsupported path');
        return found.backend.handle({ ...request, path: request.path.slice(found.point.length) });
      },
    },
    services,
  };
  services.policies = createPolicies(context);
  services.identity = createIdentity(context);
  services.identity.mount({
    runtime,
    mount: { point: 'identity/', type: 'identity', accessor: 'identity_1', class: 'secret', uuid: 'identity-uuid' },
    storage: mounts.get('identity/')!.storage,
    options: {},
    system: system(active),
  });
  services.leases = createLeases(context);
  services.tokens = createTokens(context);
  services.wrapping = createWrapping(context);

  const request = (parts: Partial<Request>): Request => ({
    id: 'request',
    operation: 'read',
    path: '',
    data: {},
    namespace: rootNamespace,
    clientToken: '',
    headers: new Map(),
    remote: { address: '127.0.0.1', port: 1 },
    unauthenticated: false,
    standby: !active,
    ...parts,
  });
  return { context, services, storage, clock, traced, ended, refusals, request };
}

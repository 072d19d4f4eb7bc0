/** What an operation has at hand: one request, and the mount that serves it. */
import type { JsonObject } from '../codec/json.ts';
import type { Random, Runtime } from '../runtime.ts';
import type { Reader, Storage, Writer } from '../storage/storage.ts';
import { inTransaction } from '../storage/storage.ts';
import type { Store } from './collection.ts';
import { bindStore } from './collection.ts';
import type { BackendContext, MountInfo, Request, Secret, SystemView } from './logical.ts';
import type { EngineSpec } from './engine.ts';

/** A mounted engine with its memory. */
export class Running<State, Spec, Context extends BackendContext> {
  readonly context: Context;
  readonly state: State;
  readonly spec: EngineSpec<State, Spec, Context>;
  /** The mount's own view. */
  readonly storage: Storage;
  readonly store: Store<Spec>;

  constructor(spec: EngineSpec<State, Spec, Context>, context: Context) {
    this.spec = spec;
    this.context = context;
    this.state = spec.state?.(context) as State;
    this.storage = context.storage;
    this.store = bindStore((spec.storage ?? {}) as Spec, context.storage);
  }
}

/** One request on it. Small, because there is one for every request. */
export class Call<State, Spec, Context extends BackendContext> {
  readonly request: Request;
  readonly running: Running<State, Spec, Context>;

  constructor(request: Request, running: Running<State, Spec, Context>) {
    this.request = request;
    this.running = running;
  }

  get context(): Context {
    return this.running.context;
  }
  get state(): State {
    return this.running.state;
  }
  get storage(): Storage {
    return this.request.storage ?? this.running.storage;
  }
  get store(): Store<Spec> {
    const { running, storage } = this;
    return storage === running.storage ? running.store : bindStore((running.spec.storage ?? {}) as Spec, storage);
  }
  get runtime(): Runtime {
    return this.running.context.runtime;
  }
  get random(): Random {
    return this.running.context.runtime.random;
  }
  get mount(): MountInfo {
    return this.request.mount ?? this.running.context.mount;
  }
  get system(): SystemView {
    return this.running.context.system;
  }
  get options(): Readonly<Record<string, string>> {
    return this.running.context.options;
  }
  /** Wall micros. */
  now(): number {
    return this.running.context.runtime.clock.wall();
  }

  /** Runs `body` in a transaction where the storage has them. */
  transaction<T>(body: (storage: Reader & Writer, store: Store<Spec>) => Promise<T>): Promise<T> {
    const spec = (this.running.spec.storage ?? {}) as Spec;
    return inTransaction(this.storage, (storage) => body(storage, bindStore(spec, storage)));
  }

  /** A secret of a declared type, to put into a reply; renewable when the type can renew. */
  secret(type: string, internal: JsonObject = {}): Secret {
    const declared = this.running.spec.secrets?.[type];
    return {
      ttl: declared?.defaultTtl ?? 0,
      maxTtl: 0,
      renewable: declared?.renew !== undefined,
      internal: { ...internal, secret_type: type },
    };
  }
}

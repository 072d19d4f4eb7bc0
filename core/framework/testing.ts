/**
 * A mounted engine without a server around it, for tests: a fake Runtime, in-memory storage, and requests that answer
 * with the status and body that the HTTP layer would derive (facts of upstream's error mapping in short).
 */
import type { JsonObject } from '../codec/json.ts';
import { parseObject, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { drbg } from '../crypto/drbg.ts';
import { portableCrypto } from '../crypto/portable.ts';
import { Fault } from '../fault.ts';
import type { Clock, Runtime, Timer } from '../runtime.ts';
import { HOUR } from '../runtime.ts';
import { InmemStorage } from '../storage/inmem.ts';
import type { Storage } from '../storage/storage.ts';
import { createBackend } from './backend.ts';
import type { Engine } from './engine.ts';
import type { Backend, BackendContext, Caller, MountInfo, Operation, Request, Response } from './logical.ts';

/** Time moves only when a test says so; timers fire in order as it passes them. */
export class FakeClock implements Clock {
  #now: number;
  #timers: { at: number; run: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }
  wall(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  after(delay: number, run: () => void): Timer {
    const timer = { at: this.#now + delay, run };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }
  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }
  advance(micros: number): void {
    const until = this.#now + micros;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }
}

const none = (): never => {
  throw new Error('not there in engine tests');
};

export function fakeRuntime(clock: Clock = new FakeClock(1_790_000_000_123_456), seed = 'engine tests'): Runtime {
  const bytes = drbg(encodeUtf8(seed));
  return {
    name: 'test',
    clock,
    random: { bytes, below: (bound) => bytes(1)[0]! % bound },
    network: { listen: none, dial: none },
    web: { request: none },
    disk: {
      open: none,
      readFile: none,
      writeFile: none,
      rename: none,
      remove: none,
      removeFolder: none,
      list: none,
      syncFolder: none,
    },
    cpu: { spend: () => {} },
    crypto: portableCrypto(),
    log: { write: () => {} },
    trace: () => {},
  };
}

export interface MountOptions {
  readonly runtime?: Runtime;
  readonly storage?: Storage;
  readonly mount?: Partial<MountInfo>;
  readonly options?: Readonly<Record<string, string>>;
  readonly active?: boolean;
}

const ROOT = { id: 'root', uuid: 'root', path: '' };

/** What a client would see. `body` is undefined for an empty body; `text` is the JSON of the data as printed. */
export interface Seen {
  readonly status: number;
  readonly errors?: readonly string[];
  readonly data?: JsonObject;
  readonly warnings?: readonly string[];
  readonly response?: Response | undefined;
}

/** A mount under test. */
export class TestMount {
  readonly backend: Backend;
  readonly context: BackendContext;
  readonly clock: FakeClock;
  caller: Caller = {
    clientToken: 's.test',
    accessor: 'accessor',
    tokenType: 'service',
    policies: ['root'],
    displayName: 'root',
    entityId: '',
    namespaceId: 'root',
    cubbyholeId: 'cubby',
  };
  address = '127.0.0.1';
  headers: Request['headers'] = new Map();
  standby = false;
  #requests = 0;

  constructor(make: (context: BackendContext) => Backend, options: MountOptions = {}) {
    const runtime = options.runtime ?? fakeRuntime();
    this.clock = runtime.clock as FakeClock;
    const { active = true } = options;
    this.context = {
      runtime,
      mount: {
        point: 'test/',
        type: 'test',
        accessor: 'test_12345678',
        class: 'secret',
        uuid: '00000000-1111-2222-3333-444444444444',
        ...options.mount,
      },
      storage: options.storage ?? new InmemStorage(),
      options: options.options ?? {},
      system: {
        defaultLeaseTtl: () => 768 * HOUR,
        maxLeaseTtl: () => 768 * HOUR,
        active,
        clusterId: 'cluster',
        entity: () => Promise.resolve(undefined),
        generatePassword: none,
        fillTemplate: none,
        externalKey: none,
      },
    };
    this.backend = make(this.context);
  }

  request(operation: Operation, path: string, data: JsonObject = {}, more: Partial<Request> = {}): Request {
    return {
      id: `request-${++this.#requests}`,
      operation,
      path,
      data,
      namespace: ROOT,
      mount: this.context.mount,
      storage: this.context.storage,
      caller: this.caller,
      clientToken: this.caller.clientToken,
      headers: this.headers,
      remote: { address: this.address, port: 1234 },
      unauthenticated: false,
      standby: this.standby,
      ...more,
    };
  }

  /** As a client would: the existence check decides between create and update; list and scan end in '/'. */
  async send(method: Operation | 'write', path: string, body: JsonObject | string = {}): Promise<Seen> {
    const data = typeof body === 'string' ? parseObject(body) : body;
    const listing = method === 'list' || method === 'scan';
    const request = this.request(
      method === 'write' ? 'update' : method,
      listing && path !== '' && !path.endsWith('/') ? `${path}/` : path,
      data,
    );
    try {
      request.path = this.backend.resolve?.(request.path, request.data) ?? request.path;
      if (method === 'write' && (await this.backend.exists(request)) === false) request.operation = 'create';
      return seen(request.operation, await this.backend.handle(request));
    } catch (error) {
      if (error instanceof Fault) return { status: error.status ?? statusOf(error), errors: [error.message] };
      throw error;
    }
  }

  /** Lets background work that waits for nothing but storage come to its end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();
  }

  read(path: string, query: JsonObject | string = {}): Promise<Seen> {
    return this.send('read', path, query);
  }
  write(path: string, body: JsonObject | string = {}): Promise<Seen> {
    return this.send('write', path, body);
  }
  delete(path: string): Promise<Seen> {
    return this.send('delete', path);
  }
  list(path: string, query: JsonObject = {}): Promise<Seen> {
    return this.send('list', path, query);
  }
  patch(path: string, body: JsonObject | string = {}): Promise<Seen> {
    return this.send('patch', path, body);
  }
}

/** Mounts a declaration under test. */
export const mountForTest = <S, P>(engine: Engine<S, P, BackendContext>, options?: MountOptions): TestMount =>
  new TestMount((context) => createBackend(engine, context), {
    ...options,
    mount: { type: engine.spec.type, class: engine.spec.class ?? 'secret', ...options?.mount },
  });

function statusOf(fault: Fault): number {
  if (fault.shape === 'response') return 400;
  if (fault.message.includes('permission denied')) return 403;
  if (fault.message.includes('unsupported operation')) return 405;
  if (fault.message.includes('unsupported path')) return 404;
  return fault.message.includes('invalid request') ? 400 : 500;
}

function seen(operation: Operation, response: Response | undefined): Seen {
  const reading = operation === 'read' || operation === 'header' || operation === 'list' || operation === 'scan';
  if (response === undefined) return { status: reading ? 404 : 204 };
  const data = response.data === undefined ? undefined : parseObject(print(response.data));
  const nothingListed = operation === 'list' && Object.keys(data ?? {}).length === 0 && response.warnings === undefined;
  if (nothingListed) return { status: 404, response };
  return {
    status: response.raw?.status ?? response.status ?? 200,
    ...(data === undefined ? {} : { data }),
    ...(response.warnings === undefined ? {} : { warnings: response.warnings }),
    response,
  };
}

/** One script of requests and two worlds to play it in: what the proof that there is one core is made of. */
import { type JsonObject, type JsonValue, parseObject, print } from '../core/codec/json.ts';
import { asObject, asString } from '../core/codec/json-fields.ts';
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import type { Clock, Micros, Runtime, Timer } from '../core/runtime.ts';
import { MILLISECOND } from '../core/runtime.ts';
import type { NodeConfig } from '../core/server/config.ts';
import { defaultConfig } from '../core/server/default-config.ts';
import { builtinCatalog } from '../core/server/mounts/builtin.ts';
import { RaftPhysical, raftDefaults } from '../core/server/ha/raft-physical.ts';
import { Node } from '../core/server/node.ts';
import { InmemStorage } from '../core/storage/inmem.ts';
import { EPOCH } from './clock.ts';

/** A clock that stands still unless it is stepped; one timer at a time, and all that it causes before the next. */
export class StepClock implements Clock {
  #now: Micros = 0;
  readonly #timers = new Set<{ readonly at: Micros; readonly run: () => void }>();

  wall(): Micros {
    return EPOCH + this.#now;
  }

  monotonic(): Micros {
    return this.#now;
  }

  after(delay: Micros, run: () => void): Timer {
    const timer = { at: this.#now + Math.max(1, delay), run };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  sleep(delay: Micros): Promise<void> {
    return new Promise((resolve) => void this.after(delay, resolve));
  }

  /** `quiet` resolves when nothing happens any more without the clock. */
  async advance(by: Micros, quiet: () => Promise<void>): Promise<void> {
    const end = this.#now + by;
    for (;;) {
      const [due] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.run();
      await quiet();
    }
    this.#now = end;
  }
}

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface Received {
  readonly status: number;
  /** Lower-case name and value, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface PlayedWorld {
  readonly clock: StepClock;
  exchange(sent: Sent): Promise<Received>;
  quiet(): Promise<void>;
}

export type StorageKind = 'inmem' | 'raft';

/** The node under test, the same in both worlds. */
export async function makeNode(runtime: Runtime, kind: StorageKind): Promise<{ node: Node; storage: InmemStorage }> {
  const storage = new InmemStorage();
  const physical =
    kind === 'inmem'
      ? { type: 'inmem', storage }
      : await RaftPhysical.open(runtime, {
          ...raftDefaults,
          path: '',
          nodeId: 'n1',
          clusterAddress: 'n1:8201',
          performanceMultiplier: 1,
          standbyReads: true,
          hostname: 'n1',
          version: '2.7.2',
        });
  const usual = defaultConfig(physical, builtinCatalog());
  const config: NodeConfig = {
    ...usual,
    settings: { ...usual.settings, hostname: 'n1' },
    apiAddr: 'http://n1:8200',
    clusterAddr: 'https://n1:8201',
  };
  const node = new Node(runtime, config);
  if (physical instanceof RaftPhysical) physical.attach(node);
  await node.start();
  return { node, storage };
}

/** What the transports add of themselves: a date, a length, and whether the connection stays. */
const TRANSPORT: ReadonlySet<string> = new Set([
  'date',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
]);

/** Plays the script; a line for each exchange, with everything a client gets to see. */
export class Player {
  readonly lines: string[] = [];
  readonly #world: PlayedWorld;

  constructor(world: PlayedWorld) {
    this.#world = world;
  }

  async call(
    method: string,
    path: string,
    options: { token?: string; body?: JsonValue | string; headers?: Sent['headers'] } = {},
  ): Promise<JsonObject> {
    const { token = '', body, headers = [] } = options;
    const all = token === '' ? headers : [...headers, ['X-Vault-Token', token] as const];
    const text = typeof body === 'string' ? body : body === undefined ? '' : print(body);
    const sent = { method, url: `/v1/${path}`, headers: all, body: encodeUtf8(text) };
    let received: Received | undefined;
    const answer = this.#world.exchange(sent).then((got) => {
      received = got;
    });
    for (;;) {
      await Promise.race([answer, this.#world.quiet()]);
      if (received !== undefined) break;
      await this.#world.clock.advance(10 * MILLISECOND, () => this.#world.quiet());
    }
    await this.#world.quiet();
    return this.#note(sent, received);
  }

  #note({ method, url, body: sent }: Sent, { status, headers, body }: Received): JsonObject {
    const shown = headers.filter(([name]) => !TRANSPORT.has(name)).map(([name, value]) => `${name}=${value}`);
    // Go's server, and so the host's listener, sends no body for HEAD.
    const text = method === 'HEAD' ? '' : decodeUtf8(body);
    this.lines.push(`${method} ${url} ${decodeUtf8(sent)} → ${status} ${shown.join(' ')} ${text}`);
    return text.startsWith('{') ? parseObject(body) : {};
  }

  async pass(time: Micros): Promise<void> {
    await this.#world.clock.advance(time, () => this.#world.quiet());
  }
}

/** A text deep in an answer. */
export function pick(answer: JsonObject, ...path: readonly string[]): string {
  let value: JsonValue | undefined = answer;
  for (const name of path) value = asObject(value)?.[name];
  return asString(value) ?? '';
}

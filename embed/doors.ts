/** The real ports of simulated nodes: what comes in goes over the simulated network, and is answered from there. */
import { assert } from '../core/assert.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http/message.ts';
import { SECOND } from '../core/runtime.ts';
import { type HttpListener, listenHttp } from '../host/listener.ts';
import { HttpClient, NoAnswer } from '../sim/client.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { WorldTime } from './world-time.ts';

/** Nobody's client waits longer; Go's gives up after a minute. */
const PATIENCE = 90 * SECOND;
/** The node's own limit speaks before this one. */
const MAX_BODY = 64 * 1024 * 1024;

/** Said anew on every hop, by whoever sends. */
const OF_THE_HOP = new Set(['host', 'content-length', 'connection', 'transfer-encoding', 'keep-alive', 'date']);

interface Door {
  readonly handler: HttpHandler;
  readonly address: string;
  listener: HttpListener | undefined;
}

export class Doors {
  readonly #http: HttpClient;
  readonly #time: WorldTime;
  readonly #failed: (error: unknown) => void;
  readonly #doors = new Map<string, Door>();

  private constructor(http: HttpClient, time: WorldTime, failed: (error: unknown) => void) {
    this.#http = http;
    this.#time = time;
    this.#failed = failed;
  }

  /** A free port of 127.0.0.1 for each. */
  static async open(
    simulation: Simulation,
    time: WorldTime,
    names: readonly string[],
    failed: (error: unknown) => void,
  ): Promise<Doors> {
    const runtime = simulation.client('outside').start(() => {});
    const doors = new Doors(new HttpClient(runtime, { timeout: PATIENCE, follow: false }), time, failed);
    for (const name of names) {
      const handler: HttpHandler = (request) => doors.#forward(name, request);
      const listener = await doors.#listen(handler, '127.0.0.1:0');
      doors.#doors.set(name, { handler, listener, address: listener.address });
    }
    return doors;
  }

  address(name: string): string {
    return `http://${this.#door(name).address}`;
  }

  handler(name: string): HttpHandler {
    return this.#door(name).handler;
  }

  /** Connections are refused from now on; those in use end with the answer or without. */
  async close(name: string): Promise<void> {
    const door = this.#door(name);
    const { listener } = door;
    door.listener = undefined;
    if (listener !== undefined) await this.#time.serve(listener.close());
  }

  async reopen(name: string): Promise<void> {
    const door = this.#door(name);
    door.listener ??= await this.#listen(door.handler, door.address);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#doors.keys()].map((name) => this.close(name)));
  }

  #door(name: string): Door {
    const door = this.#doors.get(name);
    assert(door !== undefined, `${name} is a node of the cluster`);
    return door;
  }

  #listen(handler: HttpHandler, address: string): Promise<HttpListener> {
    return listenHttp(handler, { address, maxRequestSize: MAX_BODY, failed: this.#failed });
  }

  async #forward(name: string, request: HttpRequest): Promise<HttpResponse | undefined> {
    const headers = [...request.headers]
      .filter(([header]) => !OF_THE_HOP.has(header))
      .flatMap(([header, values]) => values.map((value) => [header, value] as const));
    try {
      const answer = await this.#time.serve(
        this.#http.request(`${name}:8200`, request.method, request.url, { headers, bytes: request.body }),
      );
      return {
        status: answer.status,
        headers: [...answer.headers]
          .filter(([header]) => !OF_THE_HOP.has(header))
          .flatMap(([header, values]) => values.map((value) => [canonical(header), value] as const)),
        body: request.method === 'HEAD' ? new Uint8Array() : answer.body,
      };
    } catch (error) {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    }
  }
}

/** As Go writes header names. */
const canonical = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());

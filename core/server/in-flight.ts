/** The requests under way, for sys/in-flight-req. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import type { Crypto } from '../crypto/crypto.ts';
import type { Operation, Request } from '../framework/logical.ts';

import { clientIdOf } from './client-id.ts';

interface Flight {
  readonly request: Request;
  readonly start: number;
}

const methods: Partial<Record<Operation, string>> = {
  read: 'GET',
  list: 'LIST',
  scan: 'SCAN',
  delete: 'DELETE',
  patch: 'PATCH',
  header: 'HEAD',
};

export class InFlight {
  readonly #flights = new Set<Flight>();
  readonly #crypto: Crypto;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }
  readonly #waiting: (() => void)[] = [];

  /** Call what it returns when the request is done. */
  begin(request: Request, start: number): () => void {
    const flight = { request, start };
    this.#flights.add(flight);
    return () => {
      this.#flights.delete(flight);
      if (this.#flights.size === 0) for (const idle of this.#waiting.splice(0)) idle();
    };
  }

  get size(): number {
    return this.#flights.size;
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (this.#flights.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  list(): JsonObject {
    const out: JsonObject = {};
    for (const { request, start } of this.#flights) {
      const row = new Map<string, JsonValue>([
        ['start_time', formatRfc3339(start)],
        ['client_remote_address', `${request.remote.address}:${request.remote.port}`],
        ['request_path', `/v1/${request.path}`],
        ['request_method', methods[request.operation] ?? 'PUT'],
      ]);
      row.set('client_id', request.caller === undefined ? '' : clientIdOf(request.caller, this.#crypto));
      out[request.id] = row;
    }
    return out;
  }
}

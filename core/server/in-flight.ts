/** The requests under way, for sys/in-flight-req. */
import type { JsonObject } from '../codec/json.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import type { Operation, Request } from '../framework/logical.ts';

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

  /** Call what it returns when the request is done. */
  begin(request: Request, start: number): () => void {
    const flight = { request, start };
    this.#flights.add(flight);
    return () => this.#flights.delete(flight);
  }

  list(): JsonObject {
    const out: JsonObject = {};
    for (const { request, start } of this.#flights) {
      out[request.id] = {
        start_time: formatRfc3339(start),
        client_remote_address: `${request.remote.address}:${request.remote.port}`,
        request_path: `/v1/${request.path}`,
        request_method: methods[request.operation] ?? 'PUT',
      };
    }
    return out;
  }
}

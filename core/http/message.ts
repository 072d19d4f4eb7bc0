import type { Follow } from '../framework/logical.ts';

/** An HTTP exchange without a transport: what the host's listener and the simulated network both hand over. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query exactly as on the request line, e.g. '/v1/secret/data/a%20b?version=2'. */
  readonly url: string;
  /** Lower-case names; values in order of arrival. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
  readonly remote: { readonly address: string; readonly port: number };
  /** The name the client dialled (Host header), for redirects. */
  readonly host: string;
  readonly tls?: { readonly clientCertificates: readonly Uint8Array[]; readonly serverName?: string };
}

export interface HttpResponse {
  readonly status: number;
  /** Canonical names in order; a name may repeat. The transport adds Date and Content-Length only. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** A transport that cannot send in pieces sends the body alone. */
  readonly follow?: Follow;
}

/**
 * Never rejects for anything a client sent. Resolving undefined means: drop the connection without a reply
 * (what upstream does for a health status code below 100).
 */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse | undefined>;

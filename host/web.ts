/** Other people's HTTP servers over the real network; node:http is loaded when the first of them is asked. */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { statusText } from '../core/codec/http-status.ts';
import { NetworkError } from '../core/runtime.ts';
import type { OutgoingRequest, OutgoingResponse, Web } from '../core/runtime.ts';
import { lookupAt } from './names.ts';
import { dialError } from './network.ts';
import { type Proxies, proxiesOf } from './proxies.ts';
import { outgoingTlsOptions, tlsComplaint } from './outgoing-tls.ts';

export const hostWeb: Web = webThrough(proxiesOf(process.env));

export function webThrough(proxies: Proxies): Web {
  return { request: (request) => exchange(request, proxies) };
}

function exchange(request: OutgoingRequest, proxies: Proxies): Promise<OutgoingResponse> {
  return new Promise((resolve, reject) => {
    const url = new URL(request.url);
    const secure = url.protocol === 'https:';
    const { body } = request;
    const headers = { ...request.headers, ...(body === undefined ? {} : { 'Content-Length': String(body.length) }) };
    const options: RequestOptions = {
      method: request.method,
      headers,
      ...(request.resolver === undefined ? {} : { lookup: lookupAt(request.resolver, request.timeout) }),
      ...(secure ? outgoingTlsOptions(request.tls ?? {}) : {}),
    };
    // Who says where names are known wants to be sure where the request goes.
    const agent = request.resolver === undefined ? proxies(url) : undefined;
    if (agent !== undefined) options.agent = agent;
    const { request: open } = secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
    const outgoing = open(url, options);
    const timer = setTimeout(() => {
      outgoing.destroy();
      reject(new NetworkError('timeout', 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'));
    }, request.timeout / 1_000);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(outgoingError(error, url));
    };
    outgoing.on('error', fail);
    outgoing.on('response', (answer) => {
      collect(answer).then((response) => {
        clearTimeout(timer);
        resolve(response);
      }, fail);
    });
    outgoing.end(body);
  });
}

async function collect(answer: IncomingMessage): Promise<OutgoingResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const headers = new Map<string, string[]>();
  for (const [name, values] of Object.entries(answer.headersDistinct)) headers.set(name, values ?? []);
  return { status: answer.statusCode ?? 0, headers, body: new Uint8Array(Buffer.concat(chunks)) };
}

const isRefusedTunnel = (error: unknown): error is { readonly statusCode: number } =>
  error instanceof Error && 'code' in error && error.code === 'ERR_PROXY_TUNNEL' && 'statusCode' in error;

function outgoingError(error: unknown, url: URL): NetworkError {
  if (error instanceof NetworkError) {
    return error.message.startsWith('lookup ') ? new NetworkError(error.code, `dial tcp: ${error.message}`) : error;
  }
  // A proxy that does not let through.
  if (isRefusedTunnel(error)) return new NetworkError('reset', statusText(error.statusCode));
  const complaint = tlsComplaint(error);
  if (complaint !== undefined) return new NetworkError('reset', complaint);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return dialError(error, `${url.hostname}:${port}`);
}

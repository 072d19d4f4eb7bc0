/** Requests of a test to a handler, without a transport. */
import type { HttpHandler } from '../core/http/message.ts';

export interface BaoResponse<Body = unknown> {
  readonly status: number;
  /** Undefined when there is none. */
  readonly body: Body | undefined;
}

export interface RequestOptions {
  /** Instead of the root token; empty for none. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Any method (LIST and SCAN too), `path` without /v1/. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function call<Body>(
  handler: HttpHandler,
  { method, path, body, token, headers }: Call,
): Promise<BaoResponse<Body>> {
  const all = new Map<string, string[]>([['host', ['bao.invalid']]]);
  if (token !== '') all.set('x-vault-token', [token]);
  if (body !== undefined) {
    const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    all.set('content-type', [patch]);
  }
  for (const [name, value] of Object.entries(headers)) all.set(name.toLowerCase(), [value]);
  const answer = await handler({
    method,
    url: `/v1/${path}`,
    headers: all,
    body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
    remote: { address: '127.0.0.1', port: 1 },
    host: 'bao.invalid',
  });
  if (answer === undefined) return { status: 0, body: undefined };
  const text = Buffer.from(answer.body).toString();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as Body) };
}

/** Passes a client's requests on to a real server and keeps what it answered. */
import { bypass, http } from 'msw';
import type { HttpHandler as MswHandler } from 'msw';
import { listByQuery } from './custom-methods.ts';
import { type BaoRecording, parsed, type RecordedExchange, recordedRequest } from './recording.ts';

export interface RecordOptions {
  /** The real server. One that is thrown away afterwards: its tokens and secrets are in the recording, in clear. */
  readonly server: string;
  /** What the client under test has as its address. */
  readonly address?: string;
}

export interface RecordingBao extends Disposable {
  readonly address: string;
  /** For `setupServer(...bao.handlers)` of msw/node. */
  readonly handlers: readonly MswHandler[];
  /** All so far: JSON for a file. */
  recording(): Promise<BaoRecording>;
}

/** Of the connection, or of this moment. */
const FLEETING = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']);

export function recordBao({ server, address = 'http://127.0.0.1:8200' }: RecordOptions): RecordingBao {
  const exchanges: RecordedExchange[] = [];
  const real = (url: string): string => new URL(url, server).href;
  const restore = listByQuery(address);
  const pass = http.all(`${address.replace(/\/$/, '')}/*`, async ({ request }) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.clone().arrayBuffer();
    const sent = new Request(real(pathname + search), {
      method: request.method,
      headers: request.headers,
      ...(body.byteLength === 0 ? {} : { body }),
      redirect: 'manual',
    });
    const response = await fetch(bypass(sent));
    const text = await response.text();
    const headers = [...response.headers].filter(([name]) => !FLEETING.has(name));
    const kept = parsed(text);
    exchanges.push({
      request: await recordedRequest(request),
      response: {
        status: response.status,
        headers: Object.fromEntries(headers),
        ...(kept === undefined ? {} : { body: kept }),
      },
    });
    return new Response(text === '' ? null : text, { status: response.status, headers });
  });
  return {
    address,
    handlers: [pass],
    recording: async () => {
      const health = await fetch(bypass(real('/v1/sys/health')));
      const { version } = (await health.json()) as { version: string };
      return { version, exchanges };
    },
    [Symbol.dispose]: restore,
  };
}

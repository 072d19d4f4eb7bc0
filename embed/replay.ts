/** Answers a client from what a real server once said. */
import { http } from 'msw';
import type { HttpHandler as MswHandler } from 'msw';
import { listByQuery } from './custom-methods.ts';
import { type BaoRecording, type RecordedExchange, recordedRequest, type RecordedRequest } from './recording.ts';
import { sortedKeys } from './sorted-keys.ts';

export interface ReplayOptions {
  /** What the client under test has as its address. */
  readonly address?: string;
}

export interface ReplayedBao extends Disposable {
  readonly address: string;
  /** For `setupServer(...bao.handlers)` of msw/node. */
  readonly handlers: readonly MswHandler[];
  /** Requests that the recording has no answer to, as `METHOD url`; their clients got a 400 that says so. */
  readonly unknown: readonly string[];
}

/**
 * Equal requests (method, URL, token, namespace, body) get their answers in the order in which they were recorded, and
 * the last one again after that. What a client makes up anew in each run (a random path) is not found again.
 */
export function replayBao(
  recording: BaoRecording,
  { address = 'http://127.0.0.1:8200' }: ReplayOptions = {},
): ReplayedBao {
  const answers = new Map<string, RecordedExchange['response'][]>();
  for (const { request, response } of recording.exchanges) {
    const key = keyOf(request);
    answers.set(key, [...(answers.get(key) ?? []), response]);
  }
  const unknown: string[] = [];
  const restore = listByQuery(address);
  const replay = http.all(`${address.replace(/\/$/, '')}/*`, async ({ request }) => {
    const asked = await recordedRequest(request);
    const left = answers.get(keyOf(asked));
    const response = left === undefined || left.length === 1 ? left?.[0] : left.shift();
    if (response !== undefined) return answered(response);
    const name = `${asked.method} ${asked.url}`;
    unknown.push(name);
    return Response.json({ errors: [`the recording has no answer to ${name}`] }, { status: 400 });
  });
  return { address, handlers: [replay], unknown, [Symbol.dispose]: restore };
}

function answered({ status, headers, body }: RecordedExchange['response']): Response {
  const text = typeof body === 'string' || body === undefined ? body : `${JSON.stringify(body)}\n`;
  return new Response(text ?? null, { status, headers });
}

const keyOf = ({ method, url, token, namespace, body }: RecordedRequest): string =>
  JSON.stringify([method, url, token, namespace ?? '', sortedKeys(body)]);

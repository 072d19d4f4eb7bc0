/** A bounded closed-loop HTTP load on loopback: so many requests, so many at a time, over kept-alive connections. */
import { Agent, request } from 'node:http';
import type { Api } from './api.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body?: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<number, number>>;
  /** Of each request, from before it was sent until its answer was read, in ms. */
  readonly latencies: readonly number[];
}

/** `call(n)` makes the n-th request. */
export async function load(
  address: string,
  total: number,
  concurrency: number,
  call: (n: number) => Call,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const statuses: Record<number, number> = {};
  const latencies: number[] = [];
  const started = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < total) {
      const sent = performance.now();
      const status = await send(agent, address, call(next++));
      latencies.push(performance.now() - sent);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  agent.destroy();
  return { requests: total, seconds: (performance.now() - started) / 1000, statuses, latencies };
}

/** The same; throws when there is a status of 300 or above among the answers. */
export async function wellAnswered(
  { address }: Api,
  total: number,
  concurrency: number,
  call: (n: number) => Call,
): Promise<LoadResult> {
  const result = await load(address, total, concurrency, call);
  const failed = Object.keys(result.statuses).filter((status) => Number(status) >= 300);
  if (failed.length > 0) throw new Error(`answers with ${failed.join(', ')} under load`);
  return result;
}

function send(agent: Agent, address: string, { method, path, token, body }: Call): Promise<number> {
  return new Promise((resolve, reject) => {
    const message = request(
      `${address}/v1/${path}`,
      { method, agent, headers: { 'X-Vault-Token': token } },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    message.once('error', reject);
    message.end(body);
  });
}

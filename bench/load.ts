/** A bounded closed-loop HTTP load on loopback: so many requests, so many at a time, over kept-alive connections. */
import { Agent, request } from 'node:http';

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
  const started = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < total) {
      const status = await send(agent, address, call(next++));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  agent.destroy();
  return { requests: total, seconds: (performance.now() - started) / 1000, statuses };
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

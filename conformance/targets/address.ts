/** A server that somebody else runs: only what a dev server is asked is asked of it, and nothing is started or stopped. */
import { Client } from '../client.ts';
import type { Target } from './target.ts';
import { TargetError } from './target.ts';

export async function address(url: string, token: string | undefined): Promise<Target> {
  if (token === undefined || token === '') throw new TargetError(`target ${url} wants a token: BAO_TOKEN`);
  const client = new Client(url, 5_000);
  const { status } = await client.send({ method: 'GET', path: '/v1/sys/health', headers: [], body: undefined });
  client.close();
  if (status === 0) throw new TargetError(`no answer from ${url}`);
  return {
    name: url,
    start: (kind) => {
      if (kind !== 'dev') throw new TargetError(`${url} is one running server, not a fresh ${kind} one`);
      return Promise.resolve({ addresses: [url], token, alive: () => true, stop: () => Promise.resolve() });
    },
    close: () => Promise.resolve(),
  };
}

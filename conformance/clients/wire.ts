/**
 * Stands between a client and a server and keeps what they say to each other, so that a client whose own answers cannot
 * be compared (a program with a cache, a generated client) is held against both servers by what went over the wire.
 */
import { createServer } from 'node:http';
import { Canonicaliser, type Exchange } from '../canonical.ts';
import { Client } from '../client.ts';
import { compareExchanges, type Difference } from '../differ.ts';
import { listening } from '../fixtures/listening.ts';
import type { Side } from '../interop/side.ts';

/** Of a connection, or made anew on the way. */
const OWN = /^(?:host|content-length|connection|transfer-encoding|accept-encoding|keep-alive)$/i;

interface Wire extends AsyncDisposable {
  readonly address: string;
  /** What was said so far, in order. */
  readonly exchanges: readonly Exchange[];
}

/** Requests with HTTP's own methods; Node's parser knows no LIST, so clients that ask so must say `?list=true`. */
async function wireTo(server: string): Promise<Wire> {
  const client = new Client(server);
  const canonical = new Canonicaliser([server], '2.7.2');
  const exchanges: Exchange[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { url: path = '', method = 'GET', rawHeaders } = incoming;
      const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]!] as const] : []));
      const headers = pairs.filter(([name]) => !OWN.test(name));
      const body = chunks.length === 0 ? undefined : Buffer.concat(chunks);
      void client.send({ method, path, headers, body }).then((answer) => {
        exchanges.push(canonical.exchange(`${method} ${path} ${body?.toString() ?? ''}`, path, answer));
        outgoing.writeHead(answer.status || 502, answer.headers.filter(([name]) => !OWN.test(name)).flat());
        outgoing.end(answer.body);
      });
    });
  });
  const { port, end } = await listening(proxy);
  return {
    address: `http://127.0.0.1:${port}`,
    exchanges,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await end();
    },
  };
}

/** Plays a client to both, one after the other: how many exchanges there were, and where the second's differ. */
export async function playBeside(
  sides: readonly Side[],
  play: (address: string) => Promise<unknown>,
): Promise<{ readonly count: number; readonly differences: readonly Difference[] }> {
  const all: (readonly Exchange[])[] = [];
  for (const side of sides) {
    await using wire = await wireTo(side.address);
    await play(wire.address);
    all.push(wire.exchanges);
  }
  const [theirs = [], ours = []] = all;
  return { count: theirs.length, differences: compareExchanges(theirs, ours) };
}

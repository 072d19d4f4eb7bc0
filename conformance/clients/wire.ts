/**
 * Stands between a client and a server and keeps what they say to each other, so that a client whose own answers cannot
 * be compared (a program with a cache, a generated client) is held against both servers by what went over the wire.
 */
import { Canonicaliser, type Exchange } from '../canonical.ts';
import { compareExchanges, type Difference } from '../differ.ts';
import { relay } from '../fixtures/relay.ts';
import type { Side } from '../interop/side.ts';

interface Wire extends AsyncDisposable {
  readonly address: string;
  /** What was said so far, in order. */
  readonly exchanges: readonly Exchange[];
}

async function wireTo(server: string): Promise<Wire> {
  const canonical = new Canonicaliser([server], '2.7.2');
  const exchanges: Exchange[] = [];
  const { address, end } = await relay(server, ({ method, path, body = '' }, answer) => {
    exchanges.push(canonical.exchange(`${method} ${path} ${body.toString()}`, path, answer));
    return answer;
  });
  return { address, exchanges, [Symbol.asyncDispose]: end };
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

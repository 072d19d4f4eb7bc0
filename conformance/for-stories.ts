/** Recorded cases for stories: what 2.7.2 was asked and answered, held against what a simulated cluster answers. */
import type { Recorded, Recordings } from '../sim/recorded.ts';
import type { Exchange } from './canonical.ts';
import { loadCase } from './case.ts';
import { textOf } from './client.ts';
import { Conversation } from './conversation.ts';
import { compareExchanges } from './differ.ts';
import { loadRecording } from './recording.ts';

const VERSION = '2.7.2';

/** The recordings are of servers in memory, which have no index. */
const OF_RAFT = /^X-Vault-Index:/;
const withoutIndex = (exchange: Exchange): Exchange => ({
  ...exchange,
  headers: exchange.headers.filter((line) => !OF_RAFT.test(line)),
});

export const recordings: Recordings = (name, url): Recorded | undefined => {
  const played = loadCase(name);
  const expected = played && loadRecording(VERSION, played);
  if (played === undefined || expected === undefined) return undefined;
  const told = new Conversation(played.steps, { addresses: [url], token: 'root', version: VERSION });
  return {
    length: played.steps.length,
    next: () => told.step && { ...told.request, wait: told.step.wait ?? 0 },
    hear: ({ status, headers, body }, seconds) => {
      const empty = told.step!.method === 'HEAD';
      const lines = [...headers].flatMap(([name, values]) => values.map((value) => [spelled(name), value] as const));
      const answer = { status, headers: lines, body: empty ? '' : textOf(Buffer.from(body)) };
      const again = told.askAgain(answer);
      if (again === undefined) told.hear(answer, seconds);
      return again;
    },
    differences: () =>
      compareExchanges(expected.map(withoutIndex), told.exchanges.map(withoutIndex)).map(
        ({ request, at, expected: one, actual }) => `${request}: ${at} is ${actual}, not ${one}`,
      ),
  };
};

/** As Go writes the names of headers. */
const spelled = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());

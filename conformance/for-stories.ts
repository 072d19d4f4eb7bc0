/** Recorded cases for stories: what 2.7.2 was asked and answered, held against what a simulated cluster answers. */
import { assert } from '../core/assert.ts';
import type { Answer as SimulatedAnswer } from '../sim/network/http-wire.ts';
import type {
  Recorded,
  RecordedPlace,
  RecordedRequest,
  RecordedServer,
  RecordedStandIn,
  Recordings,
} from '../sim/recorded.ts';
import { acmeBody, nonceOf, nonceRequest } from './acme/request.ts';
import type { Exchange } from './canonical.ts';
import { loadCase } from './case.ts';
import { type Answer, textOf } from './client.ts';
import { Conversation } from './conversation.ts';
import { compareExchanges } from './differ.ts';
import { lineOf, loadIntended } from './open.ts';
import { loadRecording } from './recording.ts';
import { showProofs } from './services/names.ts';
import type { ServiceName } from './services/service.ts';
import { isStandIn, STAND_INS } from './services/stand-ins.ts';

const VERSION = '2.7.2';

/** The recordings are of servers in memory, which have no index. */
const OF_RAFT = /^X-Vault-Index:/;
const withoutIndex = (exchange: Exchange): Exchange => ({
  ...exchange,
  headers: exchange.headers.filter((line) => !OF_RAFT.test(line)),
});

export const recordings: Recordings = (name, place): Recorded | undefined => {
  const played = loadCase(name);
  const expected = played && loadRecording(VERSION, played);
  if (played === undefined || expected === undefined) return undefined;
  const known = played.service === undefined ? {} : knownOf(place);
  const token = played.server === 'dev' ? 'root' : '';
  const told = new Conversation(played.steps, { addresses: [place.url], token, version: VERSION }, known);
  const service = played.service && standIn(played.service, place);
  /** ACME's requests carry a nonce, which has to be asked for. */
  let nonce: string | undefined;
  const next = (): RecordedRequest | undefined => {
    const { step } = told;
    if (step === undefined) return undefined;
    const { request } = told;
    const wait = step.wait ?? 0;
    if (step.jws === undefined) return { ...request, wait };
    if (nonce === undefined) return { ...nonceRequest(request), wait };
    return { ...acmeBody(place.url, request, step.jws, told.fill(step.jws.account ?? ''), nonce), wait };
  };
  const hear = (answer: SimulatedAnswer, seconds: number): number | undefined => {
    const step = told.step!;
    const heard = asHeard(answer, step.method);
    if (step.jws !== undefined && nonce === undefined) {
      nonce = nonceOf(heard);
      return 0;
    }
    nonce = undefined;
    const again = told.askAgain(heard);
    if (again === undefined) told.hear(heard, seconds);
    return again;
  };
  return {
    length: played.steps.length,
    server: played.server as RecordedServer,
    ...(service && { service }),
    next,
    hear,
    differences: () => {
      const intended = loadIntended();
      return compareExchanges(expected.map(withoutIndex), told.exchanges.map(withoutIndex))
        .filter(({ request }) => !intended.has(lineOf(name, request)))
        .map(({ request, at, expected: one, actual }) => `${request}: ${at} is ${actual}, not ${one}`);
    },
  };
};

const knownOf = ({ service, resolver }: RecordedPlace): Record<string, string> => ({
  service: `http://${service}`,
  port: service.split(':')[1]!,
  resolver,
});

function standIn(name: ServiceName, place: RecordedPlace): RecordedStandIn {
  if (isStandIn(name)) return { answer: STAND_INS[name](`http://${place.service}`, () => place.now()) };
  assert(name === 'names', `there is a stand-in for ${name} in simulation`);
  const texts = new Map<string, readonly string[]>();
  return { answer: showProofs(texts), texts };
}

function asHeard({ status, headers, body }: SimulatedAnswer, method: string): Answer {
  // Of a page that is visited only the text is kept.
  const lines = method === 'VISIT' ? [] : [...headers];
  return {
    status,
    headers: lines.flatMap(([name, values]) => values.map((value) => [spelled(name), value] as const)),
    body: method === 'HEAD' ? '' : textOf(Buffer.from(body)),
  };
}

/** As Go writes the names of headers. */
const spelled = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());

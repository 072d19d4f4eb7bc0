/**
 * Bent documents (certificates, keys, tokens, templates …) sent to two servers, each to those who read it: status and
 * texts of the answers have to be equal. Differences that are meant are named in `known.ts`.
 */
import fc from 'fast-check';
import { compareExchanges, type Difference } from '../../differ.ts';
import { Client } from '../../client.ts';
import { parseKeepingNumbers } from '../../canonical.ts';
import { play } from '../../play.ts';
import { placed } from '../../sessions/sessions.ts';
import type { Running, Target } from '../../targets/target.ts';
import { DocumentServer } from './document-server.ts';
import type { DocumentKind } from './kinds.ts';
import { whyKnown } from './known.ts';
import { otherKinds } from './other-kinds.ts';
import { pkiKinds } from './pki-kinds.ts';

export const documentKinds: readonly DocumentKind[] = [...pkiKinds, ...otherKinds];

/** In one namespace: what one document left behind does not hide what many others show. */
const DOCUMENTS_A_PLACE = 10;
/** In one pair of servers. */
const PLACES = 60;

export interface DocumentsOptions {
  /** Of each kind. */
  readonly count: number;
  readonly seed: number;
  readonly kinds?: readonly DocumentKind[];
  readonly done?: (kind: DocumentKind, sum: Sum) => void;
}

export interface Sum {
  readonly sent: number;
  /** How many were taken by the reference. */
  readonly taken: number;
  readonly unlike: readonly Unlike[];
  /** How often each known difference was seen, by its name. */
  readonly known: ReadonlyMap<string, number>;
}

export interface Unlike {
  readonly kind: string;
  readonly document: string;
  readonly difference: Difference;
}

export async function fuzzDocuments(
  target: Target,
  against: Target,
  { count, seed, kinds = documentKinds, done }: DocumentsOptions,
): Promise<Sum[]> {
  const web = await DocumentServer.start();
  const pair = new Pair(target, against, web);
  const sums: Sum[] = [];
  try {
    for (const [at, kind] of kinds.entries()) {
      // A kind's documents are the same whatever other kinds are drawn.
      const documents = fc.sample(kind.documents, { seed: seed + hashOf(kind.name), numRuns: count });
      const sum = { sent: 0, taken: 0, unlike: [] as Unlike[], known: new Map<string, number>() };
      for (let from = 0; from < count; from += DOCUMENTS_A_PLACE) {
        const some = documents.slice(from, from + DOCUMENTS_A_PLACE);
        const { differences, taken } = await pair.compare(kind, some, `k${at}-${from}`);
        sum.sent += some.length;
        sum.taken += taken;
        for (const difference of differences) {
          const why = whyKnown(kind.name, difference);
          if (why !== undefined) sum.known.set(why, (sum.known.get(why) ?? 0) + 1);
          else sum.unlike.push({ kind: kind.name, document: some[difference.step]!, difference });
        }
      }
      sums.push(sum);
      done?.(kind, sum);
    }
    return sums;
  } finally {
    await pair.stop();
    await web.stop();
  }
}

const hashOf = (name: string): number => Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7);

class Pair {
  readonly #targets: readonly [Target, Target];
  #running: readonly [Running, Running] | undefined;
  readonly #web: DocumentServer;
  #places = 0;

  constructor(target: Target, against: Target, web: DocumentServer) {
    this.#targets = [target, against];
    this.#web = web;
  }

  async compare(kind: DocumentKind, documents: readonly string[], place: string) {
    if (this.#places % PLACES === 0) await this.stop();
    this.#places += 1;
    const [target, against] = this.#targets;
    this.#running ??= await Promise.all([target.start('dev'), against.start('dev')]);
    const [ours, theirs] = this.#running;
    const sent = async (name: string, running: Running) => {
      const before = placed(kind.before, place);
      await play(name, running, before);
      const wrapping = kind.wraps === true ? await wrappingKey(running, place) : '';
      const plain = documents.map((document) =>
        kind.send(document, kind.fetched === true ? this.#web.addressOf(document) : wrapping),
      );
      return play(name, running, kind.global === true ? plain : placed(plain, place).slice(1));
    };
    const [actual, expected] = await Promise.all([sent(target.name, ours), sent(against.name, theirs)]);
    const taken = expected.filter(({ status }) => status >= 200 && status < 300).length;
    return { differences: compareExchanges(expected, actual), taken };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    for (const one of running ?? []) await one.stop();
  }
}

async function wrappingKey(running: Running, namespace: string): Promise<string> {
  const client = new Client(running.addresses[0]!);
  try {
    const headers = [
      ['X-Vault-Token', running.token],
      ['X-Vault-Namespace', namespace],
    ] as const;
    const { body } = await client.send({ method: 'GET', path: '/v1/transit/wrapping_key', headers, body: undefined });
    const answer = parseKeepingNumbers(body) as { readonly data: { readonly public_key: string } };
    return answer.data.public_key;
  } finally {
    client.close();
  }
}

/** One difference, as it can be sent again. */
export const unlikeText = ({ kind, document, difference }: Unlike): string => {
  const { at, expected, actual } = difference;
  return `${kind} ${JSON.stringify(document).slice(0, 1_500)}\n    ${at}: ${expected}\n    ours: ${actual}`;
};

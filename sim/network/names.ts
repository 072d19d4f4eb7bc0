/** The DNS on the simulated network, and servers that are greeted with TLS. Hosts go by their names, whomever one asks. */
import { decodeBase64, encodeBase64 } from '../../core/codec/base64.ts';
import { asString, asStrings } from '../../core/codec/json-fields.ts';
import type { Greeted, Greeting, Listener, Micros, Names } from '../../core/runtime.ts';
import { NetworkError } from '../../core/runtime.ts';
import { answerAt, exchange, type Means } from './exchange.ts';

/** Who is asked when nobody is said. */
const USUAL = 'dns:53';

export class ProcessNames implements Names {
  readonly #means: Means;

  constructor(means: Means) {
    this.#means = means;
  }

  async texts(name: string, resolver: string, timeout: Micros): Promise<readonly string[]> {
    const server = resolver === '' ? USUAL : resolver;
    // Go names the machine's own server, whomever it asks.
    const failed = (why: string): NetworkError => new NetworkError('unreachable', `lookup ${name} on ${USUAL}: ${why}`);
    try {
      const found = await exchange(this.#means, server, { name }, { timeout, late: 'i/o timeout' });
      const texts = asStrings(found['texts']) ?? [];
      if (texts.length === 0) throw failed('no such host');
      return texts;
    } catch (error) {
      if (error instanceof NetworkError && !error.message.startsWith('lookup ')) throw failed(error.message);
      throw error;
    }
  }
}

/** Serves the texts that are in the map at the time. */
export const serveNames = (
  means: Pick<Means, 'network'>,
  address: string,
  texts: ReadonlyMap<string, readonly string[]>,
): Listener =>
  answerAt(means, address, (question) => ({ texts: [...(texts.get(asString(question['name']) ?? '') ?? [])] }));

/** What Streams.greet is in simulation. */
export async function greet(
  means: Means,
  address: string,
  { protocol, serverName }: Greeting,
  timeout: Micros,
): Promise<Greeted> {
  const late = `dial tcp ${address}: i/o timeout`;
  const found = await exchange(means, address, { protocol, serverName }, { timeout, late });
  return {
    protocol: asString(found['protocol']) ?? '',
    certificates: (asStrings(found['certificates']) ?? []).map((text) => decodeBase64(text)),
  };
}

/** Shows this to whoever greets; undefined hangs up. */
export const serveGreetings = (
  means: Pick<Means, 'network'>,
  address: string,
  shown: (greeting: Greeting) => Greeted | undefined,
): Listener =>
  answerAt(means, address, ({ protocol, serverName }) => {
    const found = shown({ protocol: asString(protocol) ?? '', serverName: asString(serverName) ?? '' });
    if (found === undefined) return undefined;
    return { protocol: found.protocol, certificates: found.certificates.map((bytes) => encodeBase64(bytes)) };
  });

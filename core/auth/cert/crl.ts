/** Revocation lists that an operator brings, or says where to fetch: `crls/<name in lower case>`. */
import { assert } from '../../assert.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import { decodePem } from '../../codec/pem.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Certificate } from '../../crypto/x509/certificate.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { failure, refuse } from '../../fault.ts';
import { collection, type Collection, type Form } from '../../framework/collection.ts';
import { followWeb, WebError } from '../../framework/web-call.ts';
import type { Micros, Runtime } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { decimal } from './certificates.ts';
import { parseRevocationList, type RevocationList } from './revocation-list.ts';

/** Where a list comes from, and until when it holds. */
export interface DistributionPoint {
  readonly url: string;
  /** Wall micros; zero: it does not say. */
  readonly validUntil: Micros;
}

export interface Crl {
  readonly point: DistributionPoint | undefined;
  /** Serial numbers in decimal. */
  readonly serials: ReadonlySet<string>;
}

/** Upstream's HTTP client has no time limit of its own; a login should not wait for ever. */
const FETCH_WITHIN: Micros = 60 * SECOND;

const shownPoint = ({ url, validUntil }: DistributionPoint): JsonObject => ({
  url,
  valid_until: validUntil === 0 ? '0001-01-01T00:00:00Z' : formatRfc3339(validUntil),
});
const shownSerials = (serials: ReadonlySet<string>): JsonObject =>
  Object.fromEntries([...serials].sort().map((serial) => [serial, {}]));

const form: Form<Crl> = {
  encode: ({ point, serials }) =>
    new Map<string, JsonValue>([
      ['cdp', point === undefined ? null : shownPoint(point)],
      ['serials', shownSerials(serials)],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored list is an object');
    const point = asObject(stored['cdp']);
    const until = parseRfc3339(asString(point?.['valid_until']) ?? '') ?? 0;
    return {
      point: point && { url: asString(point['url']) ?? '', validUntil: Math.max(until, 0) },
      serials: new Set(Object.keys(asObject(stored['serials']) ?? {})),
    };
  },
};

export const crls = collection<Crl>('crls/', form);

/** What a read shows: what is empty is left out. */
export const shownCrl = ({ point, serials }: Crl): JsonObject => ({
  ...(point === undefined ? {} : { cdp: shownPoint(point) }),
  ...(serials.size === 0 ? {} : { serials: shownSerials(serials) }),
});

const PEM_START = encodeUtf8('-----BEGIN X509 CRL');

/** DER, or a PEM block of its kind. Throws DerError or X509Error. */
function parseList(bytes: Uint8Array): RevocationList {
  const isPem = PEM_START.every((byte, at) => bytes[at] === byte);
  const block = isPem ? decodePem(decodeUtf8(bytes))?.block : undefined;
  const der = block?.type === 'X509 CRL' ? block.bytes : bytes;
  return parseRevocationList(der);
}

const serialsOf = ({ serials }: RevocationList): Set<string> => new Set(serials.map(String));

/** A list that was sent along. Throws a refusal in upstream's words. */
export function givenCrl(text: string): Crl {
  try {
    return { point: undefined, serials: serialsOf(parseList(encodeUtf8(text))) };
  } catch (error) {
    if (!isMalformed(error)) throw error;
    throw refuse(`failed to parse CRL: ${error.message}`);
  }
}

/** Fetches a list. Throws a failure in the words of Go's HTTP client. */
export async function fetchCrl(runtime: Runtime, url: string): Promise<Crl> {
  if (/^https?:(\/\/([/?#]|$)|(?!\/\/))/i.test(url))
    throw failure(`Get "${url.split(':', 1)[0]!.toLowerCase()}:": http: no Host in request URL`);
  const request = { method: 'GET', url, headers: {}, timeout: FETCH_WITHIN };
  const answer = await followWeb(runtime.web, request).catch((error: unknown) => {
    throw error instanceof WebError ? failure(error.message) : error;
  });
  if (answer.status !== 200) throw failure(`unexpected response code ${answer.status} fetching CRL from ${url}`);
  try {
    const list = parseList(answer.body);
    return { point: { url, validUntil: list.nextUpdate * SECOND }, serials: serialsOf(list) };
  } catch (error) {
    if (!isMalformed(error)) throw error;
    throw failure(error.message);
  }
}

/** Whether a list names one of the chain. */
export async function isRevoked(store: Collection<Crl>, chain: readonly Certificate[]): Promise<boolean> {
  const serials = chain.map(({ serial }) => decimal(serial));
  for (const name of await store.list()) {
    const crl = await store.get(name);
    if (crl !== undefined && serials.some((serial) => crl.serials.has(serial))) return true;
  }
  return false;
}

/** Lists whose time is over are fetched again; one that cannot be had stays as it was. */
export async function refreshCrls(store: Collection<Crl>, runtime: Runtime): Promise<void> {
  for (const name of await store.list()) {
    const crl = await store.get(name);
    if (crl?.point === undefined || crl.point.validUntil > runtime.clock.wall()) continue;
    try {
      await store.put(name, await fetchCrl(runtime, crl.point.url));
    } catch (error) {
      runtime.log.write('warn', '', 'failed to fetch CRL', { name, error });
    }
  }
}

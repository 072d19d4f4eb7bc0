/** A client of ACME (RFC 8555) on a simulated machine: an account with its key, signed requests, a nonce for each. */
import { encodeBase64RawUrl } from '../../core/codec/base64.ts';
import { type JsonObject, print } from '../../core/codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import { ECDSA_ENTROPY, type EcdsaKey } from '../../core/crypto/crypto.ts';
import { type Runtime, SECOND } from '../../core/runtime.ts';
import { type HttpClient, jsonOf, NoAnswer } from '../client.ts';

export interface AcmeAnswer {
  readonly status: number;
  readonly json: JsonObject;
  readonly text: string;
  readonly location: string;
}

/** Nonces that a client has at hand. */
const SPARE = 3;

const part = (text: string): string => encodeBase64RawUrl(encodeUtf8(text));

export class AcmeClient {
  /** The account's URL; '' before there is one. */
  account = '';
  badNonces = 0;
  readonly thumbprint: string;
  readonly #key: EcdsaKey;
  readonly #jwk: JsonObject;
  readonly #http: HttpClient;
  readonly #runtime: Runtime;
  readonly #node: () => string;
  readonly #base: string;
  /** The oldest first: some of them are from a leader that is no more. */
  readonly #nonces: string[] = [];

  /** `base` is the mount's URL as the server has it, without a slash at its end; `node` an address to ask. */
  constructor(runtime: Runtime, http: HttpClient, base: string, node: () => string) {
    const { crypto, random } = runtime;
    this.#key = crypto.ecdsaGenerate('p256', (length) => random.bytes(length));
    const point = crypto.ecdsaPublic(this.#key);
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(encodeBase64RawUrl) as [string, string];
    this.#jwk = { crv: 'P-256', kty: 'EC', x, y };
    this.thumbprint = encodeBase64RawUrl(crypto.hash('sha256', encodeUtf8(print(this.#jwk))));
    this.#http = http;
    this.#runtime = runtime;
    this.#node = node;
    this.#base = base;
  }

  /** Until there is one. */
  async register(): Promise<void> {
    while (this.account === '') {
      const { status, location } = await this.post(`${this.#base}/acme/new-account`, { termsOfServiceAgreed: true });
      if (status === 200 || status === 201) this.account = location;
    }
  }

  newOrder = (name: string): Promise<AcmeAnswer> =>
    this.post(`${this.#base}/acme/new-order`, { identifiers: [{ type: 'dns', value: name }] });

  /** Signed and sent until there is an answer; undefined: without a payload. A nonce that is none is replaced. */
  async post(url: string, payload?: JsonObject): Promise<AcmeAnswer> {
    for (;;) {
      const answer = await this.#once(url, payload);
      if (answer?.json['type'] === 'urn:ietf:params:acme:error:badNonce') this.badNonces++;
      else if (answer !== undefined && answer.status < 500) return answer;
      else await this.#runtime.clock.sleep(SECOND);
    }
  }

  async #once(url: string, payload?: JsonObject): Promise<AcmeAnswer | undefined> {
    for (let missing = SPARE - this.#nonces.length; missing > 0; missing--) {
      await this.#ask('HEAD', `${this.#base}/acme/new-nonce`);
    }
    const nonce = this.#nonces.shift();
    if (nonce === undefined) return undefined;
    const who = this.account === '' ? { jwk: this.#jwk } : { kid: this.account };
    const signed = [
      part(print({ alg: 'ES256', nonce, url, ...who })),
      payload === undefined ? '' : part(print(payload)),
    ] as const;
    const { crypto, random } = this.#runtime;
    const digest = crypto.hash('sha256', encodeUtf8(signed.join('.')));
    const signature = crypto.ecdsaSign(this.#key, digest, random.bytes(ECDSA_ENTROPY));
    const body = { protected: signed[0], payload: signed[1], signature: encodeBase64RawUrl(signature) };
    return this.#ask('POST', url, body);
  }

  async #ask(method: string, url: string, body?: JsonObject): Promise<AcmeAnswer | undefined> {
    const place = url.slice(url.indexOf('/v1/'));
    const headers = [['Content-Type', 'application/jose+json']] as const;
    try {
      const answer = await this.#http.request(this.#node(), method, place, {
        headers,
        ...(body === undefined ? {} : { bytes: encodeUtf8(print(body)) }),
      });
      this.#nonces.push(...(answer.headers.get('replay-nonce') ?? []));
      return {
        status: answer.status,
        json: jsonOf(answer),
        text: decodeUtf8(answer.body),
        location: answer.headers.get('location')?.[0] ?? '',
      };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return undefined;
    }
  }
}

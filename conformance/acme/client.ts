/** A client of ACME (RFC 8555) that can also send what no honest client would. */
import { createHmac } from 'node:crypto';
import { base64url, type Json, type Key, signed } from './jws.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export interface Signing {
  readonly key: Key;
  /** The account's URL; its key is sent where there is none. */
  readonly kid?: string | undefined;
  /** What the header has besides, or instead; undefined takes away. */
  readonly header?: Json;
  /** Instead of what belongs there. */
  readonly raw?: Json;
  readonly method?: string;
}

export class AcmeClient {
  readonly base: string;

  /** `base`: the URL of a directory, with a slash at its end. */
  constructor(base: string) {
    this.base = base;
  }

  async ask(method: string, url: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
      text = await response.text();
    } catch (error) {
      // A handler that panics hangs up.
      if (!(error instanceof TypeError)) throw error;
      return { status: 0, headers: new Headers(), text: 'hung up', json: {} };
    }
    let json: Json = {};
    try {
      json = JSON.parse(text) as Json;
    } catch {
      // Certificates and empty answers are none.
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  async nonce(): Promise<string> {
    return (await this.ask('HEAD', `${this.base}new-nonce`)).headers.get('replay-nonce') ?? 'none';
  }

  /** `payload`: undefined is none (POST as GET), a text goes as it is. */
  async post(path: string, payload: Json | string | undefined, signing: Signing): Promise<Answer> {
    const url = path.startsWith('http') ? path : this.base + path;
    const { key, kid } = signing;
    const header = {
      alg: key.alg,
      nonce: await this.nonce(),
      url,
      ...(kid === undefined ? { jwk: key.jwk } : { kid }),
      ...signing.header,
    };
    const body = { ...signed(key, header, payload), ...signing.raw };
    return this.ask(signing.method ?? 'POST', url, JSON.stringify(body), { 'Content-Type': 'application/jose+json' });
  }

  /** What binds `key` to an account of ours. */
  binding(key: Key, kid: string, mac: string, more: { header?: Json; payload?: Json | string } = {}): Json {
    const header = { alg: 'HS256', kid, url: `${this.base}new-account`, ...more.header };
    const encodedHeader = base64url(JSON.stringify(header));
    const payload = more.payload ?? key.jwk;
    const encoded = base64url(typeof payload === 'string' ? payload : JSON.stringify(payload));
    const signature = createHmac('sha256', Buffer.from(mac, 'base64url'))
      .update(`${encodedHeader}.${encoded}`)
      .digest('base64url');
    return { protected: encodedHeader, payload: encoded, signature };
  }
}

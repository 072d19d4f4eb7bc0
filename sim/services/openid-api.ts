/**
 * An OpenID provider as far as its clients see it: keys that it publishes, codes and devices, tokens, userinfo. There
 * is no page to sign in on: whoever asks for `authorize` or `approve` is the user whom `user` names, and agrees.
 */
import { encodeBase64RawUrl } from '../../core/codec/base64.ts';
import { parseGoUrl } from '../../core/codec/go-url.ts';
import type { JsonObject } from '../../core/codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import { jwsSign } from '../../core/crypto/jws/sign.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { reply } from './json-reply.ts';

interface Grant {
  readonly user: string;
  readonly nonce: string;
  readonly challenge: string;
  readonly redirect: string;
}

type Asked = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>;
type Values = ReadonlyMap<string, string>;

/** Seconds. */
const LIFETIME = 3_600;
const GROUPS: Readonly<Record<string, readonly string[]>> = { alice: ['devs', 'ops'], bob: ['devs'] };

export class OpenIdApi {
  readonly client = { id: 'app', secret: 'app-secret' };
  /** Set once the address is known. */
  issuer = '';
  readonly #crypto: Crypto;
  readonly #now: () => number;
  readonly #grants = new Map<string, Grant>();
  /** By the user's code: who agreed to it; '' as long as nobody did. */
  readonly #devices = new Map<string, string>();
  readonly #users = new Map<string, string>();
  #count = 0;
  #key = 1;

  /** `now` in wall seconds. */
  constructor(crypto: Crypto, now: () => number) {
    this.#crypto = crypto;
    this.#now = now;
  }

  /** The number of the key that it signs with, and publishes. */
  get key(): number {
    return this.#key;
  }

  /** Signs with another key from now on, and publishes the old one no more. */
  rotate(): void {
    this.#key++;
  }

  /** Signed with a key that need not be published any more. */
  token(claims: JsonObject, key = this.key): string {
    const now = this.#now();
    const standard = { iss: this.issuer, iat: now, exp: now + LIFETIME };
    const header = { alg: 'EdDSA', kid: `key-${key}` };
    return jwsSign(this.#crypto, { kind: 'ed25519', seed: seedOf(key) }, header, { ...standard, ...claims });
  }

  answer({ method, url, headers, body }: Asked): HttpResponse {
    const [path = ''] = url.split('?', 1);
    const query = parseGoUrl(url)?.query ?? new Map<string, string>();
    const form = parseGoUrl(`/?${decodeUtf8(body)}`)?.query ?? new Map<string, string>();
    switch (`${method} ${path}`) {
      case 'GET /.well-known/openid-configuration':
        return reply(200, this.#metadata());
      case 'GET /keys':
        return reply(200, { keys: [this.#jwk(this.#key)] });
      case 'GET /authorize':
        return this.#authorize(query);
      case 'GET /approve':
        return this.#approve(query);
      case 'GET /userinfo':
        return this.#userInfo(headers.get('authorization')?.[0] ?? '');
      case 'POST /device':
        return this.#device();
      case 'POST /token':
        return this.#token(form);
      default:
        return reply(404, { error: 'not_found' });
    }
  }

  #metadata(): JsonObject {
    const at = (name: string): string => `${this.issuer}/${name}`;
    return {
      issuer: this.issuer,
      authorization_endpoint: at('authorize'),
      device_authorization_endpoint: at('device'),
      jwks_uri: at('keys'),
      token_endpoint: at('token'),
      userinfo_endpoint: at('userinfo'),
      id_token_signing_alg_values_supported: ['EdDSA'],
    };
  }

  #jwk(key: number): JsonObject {
    const x = encodeBase64RawUrl(this.#crypto.ed25519Public(seedOf(key)));
    return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: `key-${key}`, x };
  }

  /** What the browser carries back. */
  #authorize(query: Values): HttpResponse {
    const value = (name: string): string => query.get(name) ?? '';
    const [state, user] = [value('state'), value('user')];
    if (user === '') return reply(200, { error: 'access_denied', state });
    const [nonce, challenge, redirect] = [value('nonce'), value('code_challenge'), value('redirect_uri')];
    if (value('response_type') === 'id_token') return reply(200, { id_token: this.#idToken(user, nonce), state });
    const code = `code-${++this.#count}`;
    this.#grants.set(code, { user, nonce, challenge, redirect });
    return reply(200, { code, state });
  }

  #approve(query: Values): HttpResponse {
    const code = query.get('user_code') ?? '';
    if (!this.#devices.has(code)) return reply(404, { error: 'not_found' });
    this.#devices.set(code, query.get('user') ?? '');
    return reply(200, { approved: code });
  }

  #device(): HttpResponse {
    const code = `user-code-${++this.#count}`;
    this.#devices.set(code, '');
    return reply(200, {
      device_code: code.replace('user', 'device'),
      user_code: code,
      verification_uri: `${this.issuer}/approve`,
      verification_uri_complete: `${this.issuer}/approve?user_code=${code}`,
      expires_in: LIFETIME,
      interval: 1,
    });
  }

  #token(form: Values): HttpResponse {
    const value = (name: string): string => form.get(name) ?? '';
    if (value('grant_type').endsWith(':device_code')) {
      const user = this.#devices.get(value('device_code').replace('device', 'user'));
      if (user === undefined) return reply(400, { error: 'expired_token' });
      return user === '' ? reply(400, { error: 'authorization_pending' }) : this.#tokens(user, '');
    }
    const grant = this.#grants.get(value('code'));
    this.#grants.delete(value('code'));
    const proof = encodeBase64RawUrl(this.#crypto.hash('sha256', encodeUtf8(value('code_verifier'))));
    if (grant === undefined || grant.challenge !== proof || grant.redirect !== value('redirect_uri')) {
      return reply(400, { error: 'invalid_grant', error_description: 'the code is not good' });
    }
    return this.#tokens(grant.user, grant.nonce);
  }

  #tokens(user: string, nonce: string): HttpResponse {
    const access = `access-${++this.#count}`;
    this.#users.set(access, user);
    const id_token = this.#idToken(user, nonce);
    return reply(200, { access_token: access, token_type: 'Bearer', expires_in: LIFETIME, id_token });
  }

  #idToken(user: string, nonce: string): string {
    const groups = [...(GROUPS[user] ?? [])];
    return this.token({ sub: user, aud: this.client.id, groups, ...(nonce === '' ? {} : { nonce }) });
  }

  #userInfo(authorization: string): HttpResponse {
    const user = this.#users.get(authorization.replace(/^Bearer /, ''));
    if (user === undefined) return reply(401, { error: 'invalid_token' });
    return reply(200, { sub: user, email: `${user}@example.com` });
  }
}

const seedOf = (key: number): Uint8Array => new Uint8Array(32).fill(key);

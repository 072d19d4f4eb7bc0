/**
 * Google Cloud as far as credentials are made there: tokens for an account's signature, service accounts, their keys,
 * policies of projects, and tokens of other accounts. Believes only assertions by keys that it gave.
 */
import { decodeBase64RawUrl, encodeBase64 } from '../../core/codec/base64.ts';
import { asNumber, asObject, asString } from '../../core/codec/json-fields.ts';
import { type JsonObject, parseObject, print } from '../../core/codec/json.ts';
import { formatRfc3339 } from '../../core/codec/rfc3339.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Crypto, RsaKey } from '../../core/crypto/crypto.ts';
import { pkcs8Pem } from '../../core/crypto/keys/pem.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import { reply } from './json-reply.ts';

/** What Google refuses. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const googleHosts = {
  tokens: 'oauth2.googleapis.com',
  iam: 'iam.googleapis.com',
  projects: 'cloudresourcemanager.googleapis.com',
  credentials: 'iamcredentials.googleapis.com',
} as const;

const ENGINE_KEY = 'projects/p/serviceAccounts/engine@p.iam.gserviceaccount.com/keys/engine-key';

export class GoogleApi {
  /** The file that the engine is configured with. */
  readonly credentials: string;
  /** Projects by the email of an account. */
  readonly accounts = new Map<string, string>([['engine@p.iam.gserviceaccount.com', 'p']]);
  /** Emails by the name of a key. */
  readonly keys = new Map<string, string>();
  /** By project; members by role. */
  readonly policies = new Map<string, JsonObject>([['p', { etag: 'e0', bindings: [] }]]);
  readonly done: string[] = [];
  /** How often a policy is changed by somebody else in between. */
  conflicts = 0;
  readonly #crypto: Crypto;
  readonly #now: () => Micros;
  readonly #key: RsaKey;
  readonly #tokens = new Set<string>();
  #made = 0;

  /** `key` is every account's: making one takes long. `now` is wall time. */
  constructor(crypto: Crypto, key: RsaKey, now: () => Micros) {
    this.#crypto = crypto;
    this.#key = key;
    this.#now = now;
    this.credentials = this.#file('engine@p.iam.gserviceaccount.com', 'p', 'engine-key');
    this.keys.set(ENGINE_KEY, 'engine@p.iam.gserviceaccount.com');
  }

  answer(
    host: string,
    { method, url, headers, body }: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
  ): HttpResponse {
    try {
      if (host === googleHosts.tokens) return this.#token(decodeUtf8(body));
      if (!this.#tokens.has((headers.get('authorization')?.[0] ?? '').replace('Bearer ', ''))) {
        throw new Refusal(401, 'Request had invalid authentication credentials.');
      }
      const sent = body.length === 0 ? {} : parseObject(body);
      const answer = this.#do(host, method, url, sent);
      this.done.push(`${method} ${url}`);
      return reply(200, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message } = error;
      return reply(status, {
        error: { code: status, message, errors: [{ message, reason: REASONS[status] ?? 'unknown' }] },
      });
    }
  }

  #token(form: string): HttpResponse {
    const [head = '', claims = '', signature = ''] = (/assertion=(.*)$/.exec(form)?.[1] ?? '').split('.');
    const digest = this.#crypto.hash('sha256', encodeUtf8(`${head}.${claims}`));
    const { iss, exp, scope } = parseObject(decodeBase64RawUrl(claims));
    const { kid } = parseObject(decodeBase64RawUrl(head));
    const known = [...this.keys].some(([name, email]) => email === iss && name.endsWith(asString(kid) ?? '?'));
    const signed = this.#crypto.rsaVerify(this.#key, 'sha256', digest, decodeBase64RawUrl(signature));
    if (!known || !signed || (asNumber(exp) ?? 0) * SECOND < this.#now()) {
      return reply(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    }
    const text = `ya29.${++this.#made}.${asString(scope)}`;
    if (iss === 'engine@p.iam.gserviceaccount.com') this.#tokens.add(text);
    return reply(200, { access_token: text, expires_in: 3599, token_type: 'Bearer' });
  }

  #do(host: string, method: string, url: string, sent: JsonObject): JsonObject {
    if (host === googleHosts.projects) return this.#policy(url, sent);
    if (host === googleHosts.credentials) return this.#impersonate(url, sent);
    const [, project = '', email = '', kind = '', key = ''] =
      /^\/v1\/projects\/([^/]+)\/serviceAccounts(?:\/([^/]+))?(?:\/(keys))?(?:\/([^/]+))?$/.exec(url) ?? [];
    if (email === '') return this.#create(project, asString(sent['accountId']) ?? '');
    const own = this.accounts.get(email);
    if (own === undefined || (project !== '-' && project !== own))
      throw new Refusal(404, `Service account ${email} does not exist.`);
    if (kind === '') {
      if (method === 'DELETE') this.#delete(email);
      return method === 'DELETE' ? {} : { email, projectId: own };
    }
    if (key === '') return this.#makeKey(own, email, sent);
    const name = url.slice('/v1/'.length);
    if (!this.keys.has(name)) throw new Refusal(404, `Service account key ${key} does not exist.`);
    if (method === 'DELETE') this.keys.delete(name);
    return method === 'DELETE' ? {} : { name };
  }

  #create(project: string, id: string): JsonObject {
    const email = `${id}@${project}.iam.gserviceaccount.com`;
    if (!this.policies.has(project)) throw new Refusal(403, `Permission denied on project ${project}.`);
    this.accounts.set(email, project);
    return { email, projectId: project };
  }

  #delete(email: string): void {
    this.accounts.delete(email);
    for (const [name, owner] of this.keys) if (owner === email) this.keys.delete(name);
  }

  #makeKey(project: string, email: string, sent: JsonObject): JsonObject {
    const id = `key${++this.#made}`;
    const name = `projects/${project}/serviceAccounts/${email}/keys/${id}`;
    this.keys.set(name, email);
    const { keyAlgorithm = '', privateKeyType = '' } = sent;
    return {
      name,
      keyAlgorithm,
      privateKeyType,
      privateKeyData: encodeBase64(encodeUtf8(this.#file(email, project, id))),
    };
  }

  #file(client_email: string, project_id: string, private_key_id: string): string {
    const private_key = pkcs8Pem(this.#crypto, { kind: 'rsa', key: this.#key });
    const token_uri = `https://${googleHosts.tokens}/token`;
    return print({ type: 'service_account', client_email, project_id, private_key_id, private_key, token_uri });
  }

  #policy(url: string, sent: JsonObject): JsonObject {
    const [, project = '', verb = ''] = /^\/v1\/projects\/([^:]+):(\w+)$/.exec(url) ?? [];
    const policy = this.policies.get(project);
    if (policy === undefined) throw new Refusal(403, 'The caller does not have permission');
    if (verb === 'getIamPolicy') return policy;
    const wanted = asObject(sent['policy']) ?? {};
    if (this.conflicts > 0 || wanted['etag'] !== policy['etag']) {
      this.conflicts--;
      throw new Refusal(409, 'There were concurrent policy changes.');
    }
    const changed = { ...wanted, etag: `e${++this.#made}` };
    this.policies.set(project, changed);
    return changed;
  }

  #impersonate(url: string, sent: JsonObject): JsonObject {
    const email = /serviceAccounts\/(.*):generateAccessToken$/.exec(url)?.[1] ?? '';
    if (!this.accounts.has(email)) throw new Refusal(404, 'Not found; Gaia id not found for email');
    const lasts = Number((asString(sent['lifetime']) ?? '0s').slice(0, -1)) * SECOND;
    return { accessToken: `ya29.${++this.#made}`, expireTime: formatRfc3339(this.#now() + lasts) };
  }
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  409: 'aborted',
};

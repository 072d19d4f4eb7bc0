/** The seal whose key lies in Oracle's key management (OCI API: Encrypt, Decrypt, GetKey, version 20180608). */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { formatHttpDate } from '../../codec/http-date.ts';
import { asString } from '../../codec/json-fields.ts';
import { type JsonObject, parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto, RsaKey } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';
import {
  type Micros,
  NetworkError,
  type OutgoingRequest,
  type OutgoingResponse,
  type Runtime,
  SECOND,
} from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { SealWrapper } from './wrapper.ts';

/** Who asks. */
export interface OciPrincipal {
  /** tenancy/user/fingerprint */
  readonly keyId: string;
  readonly key: RsaKey;
}

export interface OciSettings {
  readonly keyId: string;
  /** `https://…`, without a slash at the end. */
  readonly cryptoEndpoint: string;
  readonly managementEndpoint: string;
  readonly principal: OciPrincipal;
}

const MECHANISM = 0;
const TIMEOUT = 60 * SECOND;
/** Of one request that Oracle fails to answer; a second, two, four … between them. */
const ATTEMPTS = 5;

export class OciKmsWrapper implements SealWrapper {
  readonly type = 'ocikms';
  readonly #runtime: Runtime;
  readonly #settings: OciSettings;
  /** The version of the key that encrypted last. */
  #version = '';

  constructor(runtime: Runtime, settings: OciSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
  }

  /** The key has to be ours to use. */
  async connect(): Promise<void> {
    await this.encrypt(new Uint8Array(0)).catch((error: unknown) => {
      throw failure(`failed key_id validation: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  async keyId(): Promise<string> {
    return this.#version;
  }

  encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    return sealEnvelope(this.#runtime, plaintext, MECHANISM, async (key) => {
      const { keyId, cryptoEndpoint, managementEndpoint } = this.#settings;
      const body = { keyId, plaintext: encodeBase64(key) };
      const answer = await this.#ask('error encrypting data', 'POST', `${cryptoEndpoint}/20180608/encrypt`, body);
      const about = await this.#ask(
        'error getting current key version: failed getting current key version',
        'GET',
        `${managementEndpoint}/20180608/keys/${keyId}`,
      );
      this.#version = asString(about['currentKeyVersion']) ?? '';
      // The text of the ciphertext, as go-kms-wrapping keeps it.
      return { wrappedKey: encodeUtf8(asString(answer['ciphertext']) ?? ''), keyId: this.#version };
    });
  }

  decrypt(blob: SealedBlob): Promise<Uint8Array> {
    return openEnvelope(this.#runtime, blob, async (wrappedKey) => {
      const { keyId, cryptoEndpoint } = this.#settings;
      const body = { keyId, ciphertext: decodeUtf8(wrappedKey) };
      const answer = await this.#ask('error decrypting data', 'POST', `${cryptoEndpoint}/20180608/decrypt`, body);
      return decodeBase64(asString(answer['plaintext']) ?? '');
    });
  }

  async #ask(what: string, method: 'GET' | 'POST', url: string, asked?: JsonObject): Promise<JsonObject> {
    const { web, clock, crypto } = this.#runtime;
    const body = asked === undefined ? undefined : encodeUtf8(print(asked));
    for (let attempt = 1; ; attempt++) {
      const request = { method, url, ...(body === undefined ? {} : { body }), timeout: TIMEOUT };
      const headers = signOci(crypto, this.#settings.principal, request, clock.wall());
      let answer: OutgoingResponse;
      try {
        answer = await web.request({ ...request, headers });
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        const verb = method === 'GET' ? 'Get' : 'Post';
        throw failure(`${what}: ${verb} "${url}": ${error.message}`);
      }
      if (answer.status === 200) return parseObject(answer.body);
      if (answer.status < 500 || attempt === ATTEMPTS) throw failure(`${what}: ${refusal(answer)}`);
      await clock.sleep(2 ** (attempt - 1) * SECOND);
    }
  }
}

/** Draft-cavage HTTP signatures as Oracle asks for them ("Request Signatures"): all headers to send, Host left out. */
export function signOci(
  crypto: Crypto,
  { keyId, key }: OciPrincipal,
  { method, url, body }: Pick<OutgoingRequest, 'method' | 'url' | 'body'>,
  now: Micros,
): Record<string, string> {
  const [, host = '', target = ''] = /^https?:\/\/([^/]+)(.*)$/.exec(url) ?? [];
  const sent: Record<string, string> = { date: formatHttpDate(now), 'content-type': 'application/json' };
  const names = ['date', '(request-target)', 'host'];
  if (body !== undefined) {
    sent['content-length'] = String(body.length);
    sent['x-content-sha256'] = encodeBase64(crypto.hash('sha256', body));
    names.push('content-length', 'content-type', 'x-content-sha256');
  }
  const values: Readonly<Record<string, string>> = {
    ...sent,
    '(request-target)': `${method.toLowerCase()} ${target}`,
    host,
  };
  const text = names.map((name) => `${name}: ${values[name]}`).join('\n');
  const signature = encodeBase64(crypto.rsaSign(key, 'sha256', crypto.hash('sha256', encodeUtf8(text))));
  const authorization = `Signature version="1",headers="${names.join(' ')}",keyId="${keyId}",algorithm="rsa-sha256",signature="${signature}"`;
  return { ...sent, authorization };
}

/** As Oracle's library for Go prints it. */
function refusal({ status, headers, body }: OutgoingResponse): string {
  let said: JsonObject = {};
  try {
    said = parseObject(body);
  } catch {
    // Something between us and Oracle answered.
  }
  const code = asString(said['code']) ?? 'BadErrorResponse';
  const message = asString(said['message']) ?? decodeUtf8(body);
  const id = headers.get('opc-request-id')?.[0] ?? '';
  return `Service error:${code}. ${message}. http status code: ${status}. Opc request id: ${id}`;
}

/** The seal whose key lies in AliCloud KMS (its API reference, version 2016-01-20: DescribeKey, Encrypt, Decrypt). */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { compareText, noBytes } from '../../codec/bytes.ts';
import { escapeStrictly } from '../../codec/go-url.ts';
import { encodeHex } from '../../codec/hex.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import { type JsonObject, parseObject } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';
import { NetworkError, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { SealWrapper } from './wrapper.ts';

export interface AliCloudSettings {
  /** An id or 'alias/…'. */
  readonly keyId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** Where it answers, with or without a port. */
  readonly domain: string;
}

const MECHANISM = 0;
const VERSION = '2016-01-20';
const TIMEOUT = 30 * SECOND;

export class AliCloudKmsWrapper implements SealWrapper {
  readonly type = 'alicloudkms';
  readonly #runtime: Runtime;
  readonly #settings: AliCloudSettings;
  #keyId = '';

  constructor(runtime: Runtime, settings: AliCloudSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
  }

  async connect(): Promise<void> {
    const { keyId } = this.#settings;
    const about = await this.#ask('error fetching AliCloud KMS key information', 'DescribeKey', { KeyId: keyId });
    this.#keyId = asString(asObject(about['KeyMetadata'])?.['KeyId']) ?? '';
    if (this.#keyId === '') throw failure('no key information returned');
  }

  async keyId(): Promise<string> {
    return this.#keyId;
  }

  encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    return sealEnvelope(this.#runtime, plaintext, MECHANISM, async (key) => {
      const asked = { KeyId: this.#settings.keyId, Plaintext: encodeBase64(key) };
      const answer = await this.#ask('error encrypting data', 'Encrypt', asked);
      this.#keyId = asString(answer['KeyId']) ?? this.#keyId;
      // The text of the ciphertext, as go-kms-wrapping keeps it.
      return { wrappedKey: encodeUtf8(asString(answer['CiphertextBlob']) ?? ''), keyId: this.#keyId };
    });
  }

  decrypt(blob: SealedBlob): Promise<Uint8Array> {
    return openEnvelope(this.#runtime, blob, async (wrappedKey) => {
      const asked = { CiphertextBlob: decodeUtf8(wrappedKey) };
      const answer = await this.#ask('error decrypting data encryption key', 'Decrypt', asked);
      return decodeBase64(asString(answer['Plaintext']) ?? '');
    });
  }

  async #ask(what: string, action: string, asked: Readonly<Record<string, string>>): Promise<JsonObject> {
    const { web, clock, crypto, random } = this.#runtime;
    const { accessKey, secretKey, region, domain } = this.#settings;
    const query = signAliCloud(crypto, secretKey, {
      ...asked,
      AccessKeyId: accessKey,
      Action: action,
      Format: 'JSON',
      RegionId: region,
      SignatureMethod: 'HMAC-SHA1',
      SignatureNonce: encodeHex(random.bytes(16)),
      SignatureType: '',
      SignatureVersion: '1.0',
      Timestamp: `${formatRfc3339(clock.wall()).slice(0, 19)}Z`,
      Version: VERSION,
    });
    const url = `https://${domain}/?${query}`;
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    try {
      const answer = await web.request({ method: 'POST', url, headers, body: noBytes, timeout: TIMEOUT });
      if (answer.status === 200) return parseObject(answer.body);
      throw failure(`${what}: ${refusal(answer)}`);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      throw failure(`${what}: Post "${url}": ${error.message}`);
    }
  }
}

/** The query of a request, signed (AliCloud's "RPC signature": HMAC-SHA1 over the sorted query). Always a POST to '/'. */
export function signAliCloud(crypto: Crypto, secretKey: string, query: Readonly<Record<string, string>>): string {
  const text = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([name, value]) => `${escapeStrictly(name)}=${escapeStrictly(value)}`)
      .join('&');
  const signed = `POST&%2F&${escapeStrictly(text(query))}`;
  const signature = encodeBase64(crypto.hmac('sha1', encodeUtf8(`${secretKey}&`), encodeUtf8(signed)));
  return text({ ...query, Signature: signature });
}

/** As AliCloud's library for Go prints it. */
function refusal({ headers, body }: OutgoingResponse): string {
  let said: JsonObject = {};
  try {
    said = parseObject(body);
  } catch {
    // Something between us and AliCloud answered.
  }
  const field = (name: string): string => asString(said[name]) ?? '';
  const lines = [...headers]
    .map(([name, values]) => [name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()), values] as const)
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([name, values]) => `${name}:[${values.join(' ')}]`);
  const message = asString(said['Message']) ?? decodeUtf8(body);
  return `SDK.ServerError\nErrorCode: ${field('Code')}\nRecommend: ${field('Recommend')}\nRequestId: ${field('RequestId')}\nMessage: ${message}\nRespHeaders: map[${lines.join(' ')}]`;
}

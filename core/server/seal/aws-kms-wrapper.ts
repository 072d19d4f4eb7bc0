/** The seal whose key lies in AWS KMS (AWS Key Management Service API Reference: DescribeKey, Encrypt, Decrypt). */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import { type JsonObject, parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { type AwsCredentials, signAws } from '../../crypto/aws-sigv4.ts';
import { failure } from '../../fault.ts';
import { NetworkError, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { SealWrapper } from './wrapper.ts';

export interface AwsKmsSettings extends AwsCredentials {
  readonly region: string;
  /** An id, an ARN, or 'alias/…'. */
  readonly keyId: string;
  /** '' for the region's own. */
  readonly endpoint: string;
}

/** go-kms-wrapping's AwsKmsEnvelopeAesGcmEncrypt. */
const MECHANISM = 1;
const TIMEOUT = 30 * SECOND;

export class AwsKmsWrapper implements SealWrapper {
  readonly type = 'awskms';
  readonly #runtime: Runtime;
  readonly #settings: AwsKmsSettings;
  readonly #url: string;
  /** The ARN of the key that encrypted last. */
  #keyId = '';

  constructor(runtime: Runtime, settings: AwsKmsSettings) {
    const { region, endpoint } = settings;
    this.#runtime = runtime;
    this.#settings = settings;
    this.#url = `${endpoint === '' ? `https://kms.${region}.amazonaws.com` : endpoint.replace(/\/$/, '')}/`;
  }

  /** The key has to be there and to be ours to use. */
  async connect(): Promise<void> {
    const about = await this.#ask('DescribeKey', { KeyId: this.#settings.keyId }).catch((error: unknown) => {
      throw failure(`error fetching AWS KMS wrapping key information: ${textOf(error)}`);
    });
    this.#keyId = asString(asObject(about['KeyMetadata'])?.['KeyId']) ?? '';
    if (this.#keyId === '') throw failure('no key information returned');
  }

  async keyId(): Promise<string> {
    return this.#keyId;
  }

  encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    return sealEnvelope(this.#runtime, plaintext, MECHANISM, async (key) => {
      const asked = { KeyId: this.#settings.keyId, Plaintext: encodeBase64(key) };
      const answer = await this.#ask('Encrypt', asked).catch((error: unknown) => {
        throw failure(`error encrypting data: ${textOf(error)}`);
      });
      this.#keyId = asString(answer['KeyId']) ?? this.#keyId;
      return { wrappedKey: decodeBase64(asString(answer['CiphertextBlob']) ?? ''), keyId: this.#keyId };
    });
  }

  decrypt(blob: SealedBlob): Promise<Uint8Array> {
    return openEnvelope(this.#runtime, blob, async (wrappedKey) => {
      // KMS reads the key's name out of the ciphertext; saying it as well keeps it to ours.
      const asked = { CiphertextBlob: encodeBase64(wrappedKey), ...(blob.keyId === '' ? {} : { KeyId: blob.keyId }) };
      const answer = await this.#ask('Decrypt', asked).catch((error: unknown) => {
        throw failure(`error decrypting data encryption key: ${textOf(error)}`);
      });
      return decodeBase64(asString(answer['Plaintext']) ?? '');
    });
  }

  async #ask(operation: string, asked: JsonObject): Promise<JsonObject> {
    const { web, clock, crypto } = this.#runtime;
    const body = encodeUtf8(print(asked));
    const request = {
      method: 'POST',
      url: this.#url,
      headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `TrentService.${operation}` },
      body,
    };
    const scope = { region: this.#settings.region, service: 'kms' };
    const headers = signAws(request, this.#settings, scope, clock.wall(), crypto);
    let answer: OutgoingResponse;
    try {
      answer = await web.request({ ...request, headers, timeout: TIMEOUT });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      throw failure(`RequestError: send request failed\ncaused by: Post "${this.#url}": ${error.message}`);
    }
    if (answer.status === 200) return parseObject(answer.body);
    throw failure(refusal(answer));
  }
}

/** As the AWS library for Go prints it. */
function refusal({ status, headers, body }: OutgoingResponse): string {
  const id = headers.get('x-amzn-requestid')?.[0] ?? '';
  let code = 'UnknownError';
  let message = decodeUtf8(body);
  try {
    const said = parseObject(body);
    code = (asString(said['__type']) ?? code).split('#').at(-1)!;
    message = asString(said['message']) ?? asString(said['Message']) ?? '';
  } catch {
    // Something between us and AWS answered.
  }
  return `${code}: ${message}\n\tstatus code: ${status}, request id: ${id}`;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

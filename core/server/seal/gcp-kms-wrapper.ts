/**
 * The seal whose key lies in Google's Cloud KMS (REST API v1: cryptoKeys.get, testIamPermissions, encrypt, decrypt);
 * who we are is told by a token for a service account's signature (RFC 7523).
 */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { asList, asObject, asString } from '../../codec/json-fields.ts';
import { type JsonObject, parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { type GoogleAccount, googleTokenForm } from '../../crypto/google-account.ts';
import { failure } from '../../fault.ts';
import { type GivenToken, givenToken, KeptToken } from '../../framework/kept-token.ts';
import { NetworkError, type OutgoingRequest, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { SealWrapper } from './wrapper.ts';

export interface GcpKmsSettings {
  /** projects/…/locations/…/keyRings/…/cryptoKeys/… */
  readonly key: string;
  readonly account: GoogleAccount;
}

/** go-kms-wrapping's GcpCkmsEnvelopeAesGcmEncrypt. */
const MECHANISM = 1;
const BASE = 'https://cloudkms.googleapis.com/v1';
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const TIMEOUT = 30 * SECOND;
const PERMISSIONS = ['useToSign', 'useToVerify', 'viewPublicKey', 'useToDecrypt', 'useToEncrypt'].map(
  (name) => `cloudkms.cryptoKeyVersions.${name}`,
);

export class GcpKmsWrapper implements SealWrapper {
  readonly type = 'gcpckms';
  readonly #runtime: Runtime;
  readonly #settings: GcpKmsSettings;
  readonly #token = new KeptToken();
  /** The version that encrypted last. */
  #keyId = '';

  constructor(runtime: Runtime, settings: GcpKmsSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
  }

  /** The key has to be there and to be ours to use. */
  async connect(): Promise<void> {
    const about = await this.#ask('GET', '').catch((error: unknown) => {
      throw failure(`error checking key existence: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.#keyId = asString(asObject(about['primary'])?.['name']) ?? '';
    const granted = await this.#ask('POST', ':testIamPermissions', { permissions: PERMISSIONS });
    if ((asList(granted['permissions']) ?? []).length === 0) {
      throw failure(
        'permissions check failed - ensure the service account has at least roles/cloudkms.cryptoKeyEncrypterDecrypter permissions (for encryption keys) or roles/cloudkms.signerVerifier permissions (for signing keys)',
      );
    }
  }

  async keyId(): Promise<string> {
    return this.#keyId;
  }

  encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    return sealEnvelope(this.#runtime, plaintext, MECHANISM, async (key) => {
      const answer = await this.#ask('POST', ':encrypt', { plaintext: encodeBase64(key) });
      this.#keyId = asString(answer['name']) ?? this.#keyId;
      return { wrappedKey: decodeBase64(asString(answer['ciphertext']) ?? ''), keyId: this.#keyId };
    });
  }

  decrypt(blob: SealedBlob): Promise<Uint8Array> {
    return openEnvelope(this.#runtime, blob, async (wrappedKey) => {
      const asked = { ciphertext: encodeBase64(wrappedKey) };
      const answer = await this.#ask('POST', ':decrypt', asked).catch((error: unknown) => {
        throw failure(`failed to decrypt envelope: ${error instanceof Error ? error.message : String(error)}`);
      });
      return decodeBase64(asString(answer['plaintext']) ?? '');
    });
  }

  async #ask(method: 'GET' | 'POST', verb: string, asked?: JsonObject): Promise<JsonObject> {
    const token = await this.#token.get(this.#runtime.clock, () => this.#newToken());
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const body = asked === undefined ? {} : { body: encodeUtf8(print(asked)) };
    const url = `${BASE}/${this.#settings.key}${verb}`;
    const answer = await this.#exchange({ method, url, headers, ...body, timeout: TIMEOUT });
    if (answer.status === 200) return parseObject(answer.body);
    throw failure(refusal(answer));
  }

  async #newToken(): Promise<GivenToken> {
    const { clock, crypto } = this.#runtime;
    const { account } = this.#settings;
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await this.#exchange({
      method: 'POST',
      url: account.tokenUrl,
      headers,
      body: googleTokenForm(crypto, account, SCOPE, clock.wall()),
      timeout: TIMEOUT,
    });
    if (answer.status !== 200)
      throw failure(`oauth2: cannot fetch token: ${answer.status}\nResponse: ${decodeUtf8(answer.body)}`);
    return givenToken(parseObject(answer.body));
  }

  async #exchange(request: OutgoingRequest): Promise<OutgoingResponse> {
    try {
      return await this.#runtime.web.request(request);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      throw failure(`rpc error: code = Unavailable desc = ${error.message}`);
    }
  }
}

/** gRPC's names, as upstream's library prints them, by those of the REST API. */
const codeOf = (status: string): string =>
  status
    .toLowerCase()
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

function refusal({ status, body }: OutgoingResponse): string {
  let said: JsonObject = {};
  try {
    said = asObject(parseObject(body)['error']) ?? {};
  } catch {
    // Something between us and Google answered.
  }
  const code = codeOf(asString(said['status']) ?? 'UNKNOWN');
  return `rpc error: code = ${code} desc = ${asString(said['message']) ?? `unexpected HTTP status ${status}`}`;
}

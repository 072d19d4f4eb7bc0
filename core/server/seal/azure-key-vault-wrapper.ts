/**
 * The seal whose key lies in Azure Key Vault: keys are wrapped with RSA-OAEP-256 (Key Vault REST API: getKey, wrapKey,
 * unwrapKey), and who we are is told by a token for the service principal's secret (OAuth 2.0 client credentials).
 */
import { asObject, asString } from '../../codec/json-fields.ts';
import { decodeBase64RawUrl, encodeBase64RawUrl } from '../../codec/base64.ts';
import { type JsonObject, parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import { type GivenToken, givenToken, KeptToken } from '../../framework/kept-token.ts';
import { NetworkError, type OutgoingRequest, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { SealWrapper } from './wrapper.ts';

export interface AzureSettings {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly vaultName: string;
  readonly keyName: string;
  /** 'vault.azure.net' */
  readonly resource: string;
}

/** go-kms-wrapping's number for an envelope without a mechanism of its own. */
const MECHANISM = 0;
const ALGORITHM = 'RSA-OAEP-256';
const API = 'api-version=7.4';
const TIMEOUT = 30 * SECOND;

export class AzureKeyVaultWrapper implements SealWrapper {
  readonly type = 'azurekeyvault';
  readonly #runtime: Runtime;
  readonly #settings: AzureSettings;
  readonly #base: string;
  readonly #token = new KeptToken();
  /** The version that wrapped last. */
  #version = '';

  constructor(runtime: Runtime, settings: AzureSettings) {
    const { vaultName, resource } = settings;
    this.#runtime = runtime;
    this.#settings = settings;
    this.#base = `https://${vaultName}.${resource}`;
  }

  /** The key has to be there and to be ours to read. */
  async connect(): Promise<void> {
    const about = await this.#ask('GET', `keys/${this.#settings.keyName}/`).catch((error: unknown) => {
      throw failure(`error fetching Azure Key Vault wrapper key information: ${textOf(error)}`);
    });
    this.#version = versionOf(asString(asObject(about['key'])?.['kid']));
  }

  async keyId(): Promise<string> {
    return this.#version;
  }

  encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    return sealEnvelope(this.#runtime, plaintext, MECHANISM, async (key) => {
      const wrapped = await this.#ask('POST', `keys/${this.#settings.keyName}//wrapkey`, key);
      this.#version = versionOf(asString(wrapped['kid']));
      // The text of the value, as go-kms-wrapping keeps it.
      return { wrappedKey: encodeUtf8(asString(wrapped['value']) ?? ''), keyId: this.#version };
    });
  }

  decrypt(blob: SealedBlob): Promise<Uint8Array> {
    return openEnvelope(this.#runtime, blob, async (wrappedKey) => {
      const path = `keys/${this.#settings.keyName}/${blob.keyId}/unwrapkey`;
      const opened = await this.#ask('POST', path, decodeBase64RawUrl(decodeUtf8(wrappedKey)));
      return decodeBase64RawUrl(asString(opened['value']) ?? '');
    });
  }

  async #ask(method: 'GET' | 'POST', path: string, value?: Uint8Array): Promise<JsonObject> {
    const authorization = `Bearer ${await this.#token.get(this.#runtime.clock, () => this.#newToken())}`;
    const body = value && encodeUtf8(print({ alg: ALGORITHM, value: encodeBase64RawUrl(value) }));
    return this.#exchange({
      method,
      url: `${this.#base}/${path}?${API}`,
      headers: { Authorization: authorization, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body }),
      timeout: TIMEOUT,
    });
  }

  async #newToken(): Promise<GivenToken> {
    const { tenantId, clientId, clientSecret, resource } = this.#settings;
    const form = {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: 'client_credentials',
      scope: `https://${resource}/.default`,
    };
    const body = Object.entries(form).map(([name, text]) => `${name}=${encodeURIComponent(text)}`);
    return givenToken(
      await this.#exchange({
        method: 'POST',
        url: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: encodeUtf8(body.join('&')),
        timeout: TIMEOUT,
      }),
    );
  }

  async #exchange(request: OutgoingRequest): Promise<JsonObject> {
    let answer: OutgoingResponse;
    try {
      answer = await this.#runtime.web.request(request);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      throw failure(`${request.method} ${request.url}: ${error.message}`);
    }
    if (answer.status === 200) return parseObject(answer.body);
    throw failure(`${request.method} ${request.url.split('?')[0]}: ${refusal(answer)}`);
  }
}

/** The last part of `https://vault/keys/name/version`. */
function versionOf(kid: string | undefined): string {
  const version = kid?.split('/').at(-1) ?? '';
  if (version === '') throw failure('no key information returned');
  return version;
}

function refusal({ status, body }: OutgoingResponse): string {
  try {
    const said = parseObject(body);
    const error = asObject(said['error']);
    const code = asString(error?.['code']) ?? asString(said['error']) ?? '';
    const message = asString(error?.['message']) ?? asString(said['error_description']) ?? '';
    return `RESPONSE ${status}: ${code}: ${message}`;
  } catch {
    // Something between us and Azure answered.
    return `RESPONSE ${status}: ${decodeUtf8(body)}`;
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

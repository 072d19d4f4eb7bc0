/** The seal whose key stands in the configuration: unseals by itself, and may know the key before the present one. */
import { decodeBase64, decodeBase64RawUrl } from '../../codec/base64.ts';
import { equalBytes } from '../../codec/bytes.ts';
import { decodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { nonceBytes } from '../../storage/barrier/entry.ts';
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import type { SealWrapper } from './wrapper.ts';

/** As configured; '' and undefined are the same. Keys from `file://` are bytes, read by the caller. */
export interface StaticSealSettings {
  readonly currentKey?: string | Uint8Array;
  readonly currentKeyId?: string;
  readonly previousKey?: string | Uint8Array;
  readonly previousKeyId?: string;
}

interface NamedKey {
  readonly id: string;
  readonly key: Uint8Array;
}

export class StaticWrapper implements SealWrapper {
  readonly type: string;
  readonly #runtime: Runtime;
  readonly #current: NamedKey;
  readonly #previous: NamedKey | undefined;

  /** Throws a Fault with upstream's text (which it prefixes with `Error configuring seal "static": `). */
  constructor(runtime: Runtime, settings: StaticSealSettings, type = 'static') {
    this.type = type;
    this.#runtime = runtime;
    const { current, previous } = readKeys(settings);
    this.#current = current;
    this.#previous = previous;
  }

  async keyId(): Promise<string> {
    return this.#current.id;
  }

  async encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    const iv = this.#runtime.random.bytes(nonceBytes);
    const ciphertext = this.#cipher(this.#current).seal(iv, plaintext);
    return { ciphertext, iv, keyId: this.#current.id };
  }

  async decrypt({ ciphertext, iv, keyId }: SealedBlob): Promise<Uint8Array> {
    const key = [this.#current, this.#previous].find((known) => known?.id === keyId);
    if (key === undefined) throw failure(`unknown key id for data: \`${keyId}\``);
    try {
      return this.#cipher(key).open(iv, ciphertext);
    } catch (error) {
      throw failure(`failed to open ciphertext: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  // A configured key of another size is accepted and fails only when used.
  #cipher({ key }: NamedKey) {
    if (key.length !== 16 && key.length !== 24 && key.length !== 32) {
      throw failure(`crypto/aes: invalid key size ${key.length}`);
    }
    return this.#runtime.crypto.aesGcm(key);
  }
}

function readKeys(settings: StaticSealSettings): { current: NamedKey; previous: NamedKey | undefined } {
  const { currentKey = '', currentKeyId = '', previousKey = '', previousKeyId = '' } = settings;
  if (currentKey === '') throw failure('missing required current key');
  const current = { id: currentKeyId, key: decodeKey(currentKey, 'current') };
  if (currentKeyId === '') {
    throw failure('got empty current_key_id; please specify a permanent identifier for this key');
  }
  if (previousKey === '') {
    if (previousKeyId === '') return { current, previous: undefined };
    throw failure(
      'got non-empty previous_key_id with empty previous_key; please specify the previous key or remove previous_key_id',
    );
  }
  const previous = { id: previousKeyId, key: decodeKey(previousKey, 'previous') };
  if (previousKeyId === '') {
    throw failure('got empty previous_key_id with non-empty previous_key; please specify the matching key identifier');
  }
  const sameKey = equalBytes(current.key, previous.key);
  const sameId = currentKeyId === previousKeyId;
  if (sameKey && !sameId) throw failure('current and previous key material match with different key identifiers');
  if (!sameKey && sameId) throw failure('current and previous key material differs with same key identifiers');
  return { current, previous };
}

/** The encoding is told from the length: 64 hex, 44 base64, 43 raw base64url, 32 the key itself. */
function decodeKey(given: string | Uint8Array, which: 'current' | 'previous'): Uint8Array {
  if (typeof given !== 'string' && given.length === 32) return given;
  const text = typeof given === 'string' ? given : decodeUtf8(given);
  const decoding = (encoding: string, decode: (text: string) => Uint8Array): Uint8Array => {
    try {
      return decode(text);
    } catch (error) {
      throw failure(
        `failed to ${encoding} decode ${which} key: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  switch (text.length) {
    case 64:
      return decoding('hex', decodeHex);
    case 44:
      return decoding('base64', decodeBase64);
    case 43:
      return decoding('base64', decodeBase64RawUrl);
    case 32:
      return encodeUtf8(text);
    default:
      throw failure('unknown encoding for AES-256 key: must be either a raw, hex, or base64-encoded');
  }
}

/** Wrapping tokens as JWTs: ES512 (RFC 7518 §3.4) with a key that the cluster shares, `core/wrapping/jwtkey`. */
import { decodeBase64RawUrl } from '../../codec/base64.ts';
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { JsonNumber, parseObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { ECDSA_ENTROPY, type Crypto, type EcdsaKey } from '../../crypto/crypto.ts';
import { jwsVerifies } from '../../crypto/jws/algorithm.ts';
import { jwsSign } from '../../crypto/jws/sign.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { failure } from '../../fault.ts';
import { encodeEntry } from '../../framework/collection.ts';
import { SECOND } from '../../runtime.ts';
import type { ServiceContext } from '../services.ts';

const KEY = 'core/wrapping/jwtkey';
const SIZE = 66;

const toInteger = (bytes: Uint8Array): JsonNumber => {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return new JsonNumber(String(value));
};

function fromInteger(value: JsonValue | undefined): Uint8Array {
  let rest = BigInt(value instanceof JsonNumber ? value.literal : typeof value === 'number' ? value : 0);
  const bytes = new Uint8Array(SIZE);
  for (let i = SIZE - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
}

export class WrappingKey {
  readonly #context: ServiceContext;
  #key: EcdsaKey | undefined;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** Reads the key, or on the active node makes it. */
  async load(): Promise<void> {
    const { runtime, active } = this.#context;
    // One key for all namespaces.
    const { barrier } = this.#context.in('') ?? this.#context;
    const stored = await barrier.get(KEY);
    if (stored !== undefined) {
      this.#key = { curve: 'p521', secret: fromInteger(parseObject(stored)['d']) };
      return;
    }
    if (!active) return;
    const key = runtime.crypto.ecdsaGenerate('p521', (length) => runtime.random.bytes(length));
    const point = runtime.crypto.ecdsaPublic(key);
    await barrier.put(
      KEY,
      encodeEntry(
        new Map<string, JsonValue>([
          ['type', 'p521'],
          ['x', toInteger(point.subarray(1, 1 + SIZE))],
          ['y', toInteger(point.subarray(1 + SIZE))],
          ['d', toInteger(key.secret)],
        ]),
      ),
    );
    this.#key = key;
  }

  async #loaded(): Promise<EcdsaKey> {
    if (this.#key === undefined) await this.load();
    if (this.#key === undefined) throw failure('wrapping key is not available');
    return this.#key;
  }

  /** `ttl` in micros; `accessor` of a token that is wrapped, or ''. */
  async sign(token: string, ttl: number, accessor: string): Promise<string> {
    const { crypto, clock, random } = this.#context.runtime;
    const now = Math.floor(clock.wall() / SECOND);
    const claims: JsonObject = {
      accessor,
      addr: this.#context.system.apiAddr,
      exp: now + Math.floor(ttl / SECOND),
      iat: now,
      jti: token,
      nbf: now - 5,
      type: 'wrapping',
    };
    const key = { kind: 'ecdsa', key: await this.#loaded() } as const;
    return jwsSign(crypto, key, { alg: 'ES512', typ: 'JWT' }, claims, random.bytes(ECDSA_ENTROPY));
  }

  /** The token inside. Undefined: it is no JWT. Throws for a signature that is not ours. */
  async open(text: string): Promise<string | undefined> {
    const parts = text.split('.');
    if (parts.length !== 3) return undefined;
    let claims: JsonObject;
    let signature: Uint8Array;
    try {
      parseObject(decodeBase64RawUrl(parts[0]!));
      claims = parseObject(decodeBase64RawUrl(parts[1]!));
      signature = decodeBase64RawUrl(parts[2]!);
    } catch {
      return undefined;
    }
    if (!verified(this.#context.runtime.crypto, await this.#loaded(), `${parts[0]}.${parts[1]}`, signature)) {
      throw failure(
        'wrapping token signature could not be validated: go-jose/go-jose: error in cryptographic primitive',
      );
    }
    return claims['type'] === 'wrapping' ? asString(claims['jti']) : undefined;
  }
}

const verified = (crypto: Crypto, key: EcdsaKey, text: string, signature: Uint8Array): boolean =>
  jwsVerifies(crypto, publicKeyOf(crypto, { kind: 'ecdsa', key }), 'ES512', encodeUtf8(text), signature);

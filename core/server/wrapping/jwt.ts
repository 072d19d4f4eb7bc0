/** Wrapping tokens as JWTs: ES512 (RFC 7518 §3.4) with a key that the cluster shares, `core/wrapping/jwtkey`. */
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { JsonError, JsonNumber, parseObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { ECDSA_ENTROPY, type EcdsaKey } from '../../crypto/crypto.ts';
import { jwsVerifies } from '../../crypto/jws/algorithm.ts';
import { type Jws, JwsError, parseCompactJws } from '../../crypto/jws/jws.ts';
import { jwsSign } from '../../crypto/jws/sign.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { type Fault, failure } from '../../fault.ts';
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

  /** The token inside. Undefined: it is no JWT. Throws for one that cannot be read, and for a signature that is not ours. */
  async open(text: string): Promise<string | undefined> {
    if (!looksLikeJwt(text)) return undefined;
    let jws: Jws;
    try {
      jws = parseCompactJws(text, ['ES512']);
    } catch (error) {
      throw error instanceof JwsError ? failure(`wrapping token could not be parsed: ${error.message}`) : error;
    }
    const { crypto } = this.#context.runtime;
    const key = publicKeyOf(crypto, { kind: 'ecdsa', key: await this.#loaded() });
    const wrong = (why: string): Fault => failure(`wrapping token signature could not be validated: ${why}`);
    if (jws.critical) throw wrong('go-jose/go-jose: unsupported critical header');
    if (!jwsVerifies(crypto, key, 'ES512', jws.message, jws.signature)) {
      throw wrong('go-jose/go-jose: error in cryptographic primitive');
    }
    let claims: JsonObject;
    try {
      claims = parseObject(jws.payload);
    } catch (error) {
      throw error instanceof JsonError ? wrong(error.message) : error;
    }
    return claims['type'] === 'wrapping' ? asString(claims['jti']) : undefined;
  }
}

const DOT = 0x2e;

/** What upstream takes for one: other tokens have a dot behind their first letter or their third. */
function looksLikeJwt(text: string): boolean {
  const bytes = encodeUtf8(text);
  return bytes.length > 3 && text.split('.').length === 3 && bytes[1] !== DOT && bytes[3] !== DOT;
}

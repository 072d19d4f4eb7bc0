/** One version of a key, as it is kept in a policy and in its archive. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { integerFromJson, integerToJson } from '../../codec/json-integer.ts';
import { asList, asNumber, asString } from '../../codec/json-fields.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import type { RsaKey, RsaPublicKey } from '../../crypto/crypto.ts';
import { rsaFromParts } from '../../crypto/rsa.ts';

/** Numbers of a point are big-endian without leading zeros. */
export interface KeyVersion {
  /** A cipher's or an HMAC's key; of Ed25519 the 64 bytes of seed and public key. */
  readonly key?: Uint8Array;
  readonly hmacKey?: Uint8Array;
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly ecX?: Uint8Array;
  readonly ecY?: Uint8Array;
  readonly ecD?: Uint8Array;
  readonly rsa?: RsaKey;
  /** Only when the private part is not known. */
  readonly rsaPublic?: RsaPublicKey;
  /** ECDSA: PEM; Ed25519: base64; else ''. */
  readonly publicKey: string;
  readonly convergentVersion: number;
  /** Unix seconds. */
  readonly creationTime: number;
  /** DER, the leaf first. */
  readonly certificateChain?: readonly Uint8Array[];
  readonly externalKeyRef: string;
}

/** What an archive holds for versions that it does not have. */
export const NO_VERSION: KeyVersion = {
  time: '0001-01-01T00:00:00Z',
  publicKey: '',
  convergentVersion: 0,
  creationTime: 0,
  externalKeyRef: '',
};

const base64 = (bytes: Uint8Array | undefined): JsonValue => (bytes === undefined ? null : encodeBase64(bytes));
const integer = (bytes: Uint8Array | undefined): JsonValue => (bytes === undefined ? null : integerToJson(bytes));

function encodeRsa({ modulus, exponent, d, p, q, dp, dq, qi }: RsaKey): JsonValue {
  return new Map<string, JsonValue>([
    ['N', integerToJson(modulus)],
    ['E', exponent],
    ['D', integerToJson(d)],
    ['Primes', [integerToJson(p), integerToJson(q)]],
    [
      'Precomputed',
      new Map<string, JsonValue>([
        ['Dp', integerToJson(dp)],
        ['Dq', integerToJson(dq)],
        ['Qinv', integerToJson(qi)],
        ['CRTValues', []],
      ]),
    ],
  ]);
}

export const encodeVersion = (version: KeyVersion): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['key', base64(version.key)],
    ['hmac_key', base64(version.hmacKey)],
    ['time', version.time],
    ['ec_x', integer(version.ecX)],
    ['ec_y', integer(version.ecY)],
    ['ec_d', integer(version.ecD)],
    ['rsa_key', version.rsa === undefined ? null : encodeRsa(version.rsa)],
    [
      'rsa_public_key',
      version.rsaPublic === undefined
        ? null
        : new Map<string, JsonValue>([
            ['N', integerToJson(version.rsaPublic.modulus)],
            ['E', version.rsaPublic.exponent],
          ]),
    ],
    ['public_key', version.publicKey],
    ['convergent_version', version.convergentVersion],
    ['creation_time', version.creationTime],
    ['certificate_chain', version.certificateChain?.map(encodeBase64) ?? null],
    ['external_key_ref', version.externalKeyRef],
  ]);

function decodeRsa(stored: JsonValue | undefined): RsaKey | undefined {
  if (!isObject(stored)) return undefined;
  const [p, q] = asList(stored['Primes'])?.map((prime) => integerFromJson(prime)) ?? [];
  const [n, d] = [integerFromJson(stored['N']), integerFromJson(stored['D'])];
  const e = asNumber(stored['E']);
  if (n === undefined || e === undefined || d === undefined || p === undefined || q === undefined) return undefined;
  return rsaFromParts(n, e, d, p, q);
}

function decodeRsaPublic(stored: JsonValue | undefined): RsaPublicKey | undefined {
  if (!isObject(stored)) return undefined;
  const modulus = integerFromJson(stored['N']);
  const exponent = asNumber(stored['E']);
  return modulus === undefined || exponent === undefined ? undefined : { modulus, exponent };
}

const bytesOf = (value: JsonValue | undefined): Uint8Array | undefined =>
  typeof value === 'string' ? decodeBase64(value) : undefined;

/** `undefined` members are left out, so that two versions are equal when what is stored is. */
function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

export function decodeVersion(stored: JsonObject): KeyVersion {
  return present<KeyVersion>({
    key: bytesOf(stored['key']),
    hmacKey: bytesOf(stored['hmac_key']),
    time: asString(stored['time']) ?? NO_VERSION.time,
    ecX: integerFromJson(stored['ec_x']),
    ecY: integerFromJson(stored['ec_y']),
    ecD: integerFromJson(stored['ec_d']),
    rsa: decodeRsa(stored['rsa_key']),
    rsaPublic: decodeRsaPublic(stored['rsa_public_key']),
    publicKey: asString(stored['public_key']) ?? '',
    convergentVersion: asNumber(stored['convergent_version']) ?? 0,
    creationTime: asNumber(stored['creation_time']) ?? 0,
    certificateChain: asList(stored['certificate_chain'])?.map((item) => bytesOf(item) ?? new Uint8Array(0)),
    externalKeyRef: asString(stored['external_key_ref']) ?? '',
  });
}

/** Public keys of OpenPGP, and their fingerprints (RFC 4880, sections 5.5.2 and 12.2; RFC 6637, section 9). */
import { concatBytes } from '../../codec/bytes.ts';
import { encodeHex } from '../../codec/hex.ts';
import type { Crypto, EcdsaKey } from '../crypto.ts';
import type { Contents } from './packets.ts';
import { InvalidData, OpenPgpError, UnsupportedFeature } from './packets.ts';

export type KeyMaterial =
  | { readonly kind: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  | { readonly kind: 'ed25519'; readonly point: Uint8Array }
  | { readonly kind: 'ecdsa'; readonly curve: EcdsaKey['curve']; readonly point: Uint8Array }
  | {
      /** Curve25519, RFC 6637 with the point's 0x40 in front. */
      readonly kind: 'x25519';
      readonly point: Uint8Array;
      readonly hash: number;
      readonly cipher: number;
    }
  | { readonly kind: 'other' };

export interface PublicKey {
  readonly fingerprint: Uint8Array;
  readonly algorithm: number;
  /** As signatures hash it: the packet's head and body. */
  readonly hashed: Uint8Array;
  readonly material: KeyMaterial;
}

export const ALGORITHM = {
  rsa: 1,
  rsaEncrypt: 2,
  rsaSign: 3,
  elgamal: 16,
  dsa: 17,
  ecdh: 18,
  ecdsa: 19,
  eddsa: 22,
  x25519: 25,
  x448: 26,
  ed25519: 27,
  ed448: 28,
} as const;
const { rsa, rsaSign, dsa, ecdsa, ed25519, ed448 } = ALGORITHM;
const SIGNS = new Set<number>([rsa, rsaSign, dsa, ecdsa, ALGORITHM.eddsa, ed25519, ed448]);
export const canSign = ({ algorithm }: PublicKey): boolean => SIGNS.has(algorithm);

const ED25519 = '2b06010401da470f01';
export const CURVE25519 = '2b060104019755010501';
/** With the bytes of a point; those without a name can only be read. */
const CURVES: ReadonlyMap<string, { readonly curve?: EcdsaKey['curve']; readonly length: number }> = new Map([
  ['2a8648ce3d030107', { curve: 'p256', length: 65 }],
  ['2b81040022', { curve: 'p384', length: 97 }],
  ['2b81040023', { curve: 'p521', length: 133 }],
  ['2b8104000a', { length: 65 }], // secp256k1
  ['2b2403030208010107', { length: 65 }], // brainpoolP256r1
  ['2b240303020801010b', { length: 97 }], // brainpoolP384r1
  ['2b240303020801010d', { length: 129 }], // brainpoolP512r1
]);

/** Public keys that are no numbers. */
const OCTETS = { [ALGORITHM.x25519]: 32, [ALGORITHM.x448]: 56, [ALGORITHM.ed448]: 57 } as const;

/** What is read of a packet, kept for its fingerprint. */
class Fields {
  readonly #contents: Contents;
  readonly #read: Uint8Array[] = [];
  constructor(contents: Contents) {
    this.#contents = contents;
  }

  take(length: number): Uint8Array {
    const bytes = this.#contents.take(length);
    this.#read.push(bytes);
    return bytes;
  }

  /** A number with its length in bits before it. */
  integer(): Uint8Array {
    return integerOf(this);
  }

  /** Bytes with their number before them; the numbers 0 and 255 are kept for later. */
  short(): Uint8Array {
    const length = this.take(1)[0]!;
    if (length === 0 || length === 255) throw new UnsupportedFeature('reserved for future extensions');
    return this.take(length);
  }

  get read(): Uint8Array {
    return concatBytes(...this.#read);
  }
}

/** A number with its length in bits before it. */
export function integerOf(from: Pick<Contents, 'take'>): Uint8Array {
  const [high, low] = from.take(2);
  return from.take((((high! << 8) | low!) + 7) >> 3);
}

/** Throws OpenPgpError; UnsupportedFeature for what upstream passes over. */
export function readPublicKey(contents: Contents, crypto: Pick<Crypto, 'hash'>): PublicKey {
  const fields = new Fields(contents);
  const head = fields.take(6);
  const [version] = head;
  if (version !== 4 && version !== 6) throw new UnsupportedFeature(`public key version ${version}`);
  const algorithm = head[5]!;
  if (version === 6) fields.take(4); // how long what follows is
  const material = materialOf(algorithm, fields);
  if (version === 6) {
    if (algorithm === ALGORITHM.eddsa) {
      throw new InvalidData('cannot generate v6 key with deprecated algorithm: EdDSALegacy');
    }
    throw new UnsupportedFeature('keys of version 6');
  }
  const body = fields.read;
  const hashed = concatBytes(Uint8Array.of(0x99, body.length >> 8, body.length & 255), body);
  return { fingerprint: crypto.hash('sha1', hashed), algorithm, hashed, material };
}

function materialOf(algorithm: number, fields: Fields): KeyMaterial {
  switch (algorithm) {
    case ALGORITHM.rsa:
    case ALGORITHM.rsaEncrypt:
    case ALGORITHM.rsaSign: {
      const modulus = fields.integer();
      const exponent = fields.integer();
      if (exponent.length > 3) throw new UnsupportedFeature('large public exponent');
      return { kind: 'rsa', modulus, exponent };
    }
    case ALGORITHM.dsa:
    case ALGORITHM.elgamal:
      for (let i = 0; i < (algorithm === ALGORITHM.elgamal ? 3 : 4); i++) fields.integer();
      return { kind: 'other' };
    case ALGORITHM.ecdsa: {
      const oid = encodeHex(fields.short());
      const known = CURVES.get(oid);
      if (known === undefined) throw new UnsupportedFeature(`unknown oid: ${oid}`);
      const point = fields.integer();
      if (point[0] !== 4 || point.length !== known.length) throw new OpenPgpError('ecdsa: failed to parse EC point');
      return known.curve === undefined ? { kind: 'other' } : { kind: 'ecdsa', curve: known.curve, point };
    }
    case ALGORITHM.eddsa:
      return eddsa(encodeHex(fields.short()), fields);
    case ALGORITHM.ecdh:
      return ecdh(encodeHex(fields.short()), fields);
    case ALGORITHM.ed25519:
      return { kind: 'ed25519', point: fields.take(32) };
    case ALGORITHM.x25519:
    case ALGORITHM.x448:
    case ALGORITHM.ed448:
      fields.take(OCTETS[algorithm]);
      return { kind: 'other' };
    default:
      throw new UnsupportedFeature(`public key type: ${algorithm}`);
  }
}

function eddsa(curve: string, fields: Fields): KeyMaterial {
  if (curve !== ED25519) throw new UnsupportedFeature(`unknown oid: ${curve}`);
  const point = fields.integer();
  if (point.length === 0) throw new InvalidData('empty EdDSA public key');
  if (point[0] !== 0x40) throw new UnsupportedFeature(`unsupported EdDSA compression: ${point[0]}`);
  if (point.length !== 33) throw new OpenPgpError('eddsa: failed to parse EC point');
  return { kind: 'ed25519', point: point.subarray(1) };
}

const KDF_HASHES = new Set([8, 9, 10, 11, 12, 14]);
const KDF_CIPHERS = new Set([2, 3, 7, 8, 9]);

function ecdh(curve: string, fields: Fields): KeyMaterial {
  if (curve !== CURVE25519 && curve !== ED25519 && !CURVES.has(curve))
    throw new UnsupportedFeature(`unknown oid: ${curve}`);
  const point = fields.integer();
  const parameters = fields.short();
  if (parameters.length < 3) throw new UnsupportedFeature(`unsupported ECDH KDF length: ${parameters.length}`);
  if (curve === ED25519) throw new UnsupportedFeature(`unsupported oid: ${curve}`);
  const [reserved, hash, cipher] = parameters;
  if (reserved !== 1) throw new UnsupportedFeature(`unsupported KDF reserved field: ${reserved}`);
  if (!KDF_HASHES.has(hash!)) throw new UnsupportedFeature(`unsupported ECDH KDF hash: ${hash}`);
  if (!KDF_CIPHERS.has(cipher!)) throw new UnsupportedFeature(`unsupported ECDH KDF cipher: ${cipher}`);
  if (curve !== CURVE25519) return { kind: 'other' };
  if (point[0] !== 0x40 || point.length !== 33) throw new OpenPgpError('ecdh: failed to parse EC point');
  return { kind: 'x25519', point: point.subarray(1), hash: hash!, cipher: cipher! };
}

/** The last eight bytes of the fingerprint. */
export const keyId = (key: PublicKey): Uint8Array => key.fingerprint.subarray(12);

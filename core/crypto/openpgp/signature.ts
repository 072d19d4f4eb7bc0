/** Signatures of OpenPGP: what they say, and whether a key made them (RFC 4880, section 5.2). */
import { concatBytes, equalBytes } from '../../codec/bytes.ts';
import type { Crypto, HashName } from '../crypto.ts';
import type { Contents } from './packets.ts';
import { InvalidArgument, InvalidData, InvalidSignature, Packets, UnsupportedFeature, writePacket } from './packets.ts';
import type { PublicKey } from './public-key.ts';
import { ALGORITHM, canSign, integerOf, keyId } from './public-key.ts';

export interface Signature {
  readonly type: number;
  readonly algorithm: number;
  readonly hash: HashName;
  /** What is hashed after what is signed. */
  readonly suffix: Uint8Array;
  readonly says: Said;
  /** RSA's number, or r and s; the whole of it for those that have no numbers. */
  readonly numbers: readonly Uint8Array[];
}

/** In subpackets. */
export interface Said {
  /** Seconds since 1970. */
  created?: number;
  flags?: number;
  issuer?: Uint8Array;
  fingerprint?: Uint8Array;
  embedded?: Signature;
}

const HASHES: ReadonlyMap<number, HashName> = new Map([
  [2, 'sha1'],
  [8, 'sha256'],
  [9, 'sha384'],
  [10, 'sha512'],
  [11, 'sha224'],
  [12, 'sha3-256'],
  [14, 'sha3-512'],
]);

/** How many numbers a signature has. */
const INTEGERS: ReadonlyMap<number, number> = new Map([
  [ALGORITHM.rsa, 1],
  [ALGORITHM.rsaSign, 1],
  [ALGORITHM.dsa, 2],
  [ALGORITHM.ecdsa, 2],
  [ALGORITHM.eddsa, 2],
]);

/** Bytes of those that have none. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [ALGORITHM.ed25519, 64],
  [ALGORITHM.ed448, 114],
]);

export function readSignature(contents: Contents): Signature {
  const [version] = contents.take(1);
  if (version !== 4) throw new UnsupportedFeature(`signature packet version ${version}`);
  const head = contents.take(5);
  const [type, algorithm, hashId, high, low] = head;
  const size = SIZES.get(algorithm!);
  const integers = INTEGERS.get(algorithm!);
  if (size === undefined && integers === undefined) throw new UnsupportedFeature(`public key algorithm ${algorithm}`);
  const hash = HASHES.get(hashId!);
  if (hash === undefined) throw new UnsupportedFeature(`hash function ${hashId}`);
  const signed = contents.take((high! << 8) | low!);
  const length = signed.length + 6;
  const trailer = [4, 0xff, 0, 0, length >> 8, length & 255];
  const says: Said = {};
  readSubpackets(signed, true, says);
  if (says.created === undefined) throw new InvalidData('no creation time in signature');
  readSubpackets(contents.take(contents.uint(2)), false, says);
  contents.take(2); // of the digest, to find a wrong key early; upstream passes them over too
  const numbers =
    size === undefined ? Array.from({ length: integers! }, () => integerOf(contents)) : [contents.take(size)];
  const suffix = concatBytes(Uint8Array.of(4), head, signed, Uint8Array.from(trailer));
  return { type: type!, algorithm: algorithm!, hash, suffix, says, numbers };
}

function readSubpackets(bytes: Uint8Array, signed: boolean, says: Said): void {
  for (let at = 0; at < bytes.length;) {
    const subpacket = subpacketAt(bytes, at);
    if (subpacket === undefined) throw new InvalidData('signature subpacket truncated');
    const { body, end } = subpacket;
    if (body.length === 0) throw new InvalidData('zero length signature subpacket');
    readSubpacket(body[0]!, body.subarray(1), signed, says);
    at = end;
  }
}

/** Its kind and what it says, and where it ends; undefined when it is cut. */
export function subpacketAt(bytes: Uint8Array, at: number): { body: Uint8Array; end: number } | undefined {
  const first = bytes[at]!;
  const size = first < 192 ? 1 : first < 255 ? 2 : 5;
  const start = at + size;
  if (start > bytes.length) return undefined;
  const rest = bytes.subarray(at + 1, start).reduce((value, byte) => value * 256 + byte, 0);
  const end = start + (size === 1 ? first : size === 2 ? (first - 192) * 256 + rest + 192 : rest);
  return end > bytes.length ? undefined : { body: bytes.subarray(start, end), end };
}

/** Subpackets whose length is all that is looked at, with upstream's words for another one. */
const LENGTHS: ReadonlyMap<number, readonly [number, string]> = new Map([
  [2, [4, 'signature creation time not four bytes']],
  [3, [4, 'expiration subpacket with bad length']],
  [5, [2, 'trust subpacket with bad length']],
  [9, [4, 'key expiration subpacket with bad length']],
  [16, [8, 'issuer subpacket with bad length']],
  [25, [1, 'primary user id subpacket with bad length']],
]);
/** What need not be signed; anything else is read only where it is. */
const UNSIGNED = new Set([16, 32, 33]);
const KNOWN = new Set([...UNSIGNED, 2, 3, 4, 5, 6, 9, 11, 20, 21, 22, 25, 26, 27, 28, 29, 30, 35, 39]);

function readSubpacket(kind: number, body: Uint8Array, signed: boolean, says: Said): void {
  const type = kind & 0x7f;
  if (!signed && !UNSIGNED.has(type)) return;
  if (!KNOWN.has(type) && (kind & 0x80) !== 0) {
    throw new UnsupportedFeature(`unknown critical signature subpacket type ${type}`);
  }
  const [length, text] = LENGTHS.get(type) ?? [body.length, ''];
  if (body.length !== length) throw new InvalidData(text);
  switch (type) {
    case 2:
      says.created = body.reduce((value, byte) => value * 256 + byte, 0);
      break;
    case 6:
      if (body.length === 0) throw new InvalidData('regexp subpacket with bad length');
      if (body.at(-1) !== 0) throw new InvalidData('expected regular expression to be null-terminated');
      break;
    case 16:
      says.issuer = body;
      break;
    case 20:
      notation(body);
      break;
    case 27:
      if (body.length > 0) says.flags = body[0]!;
      break;
    case 29:
      if (body.length === 0) throw new InvalidData('empty revocation reason subpacket');
      break;
    case 32:
      embedded(body, says);
      break;
    case 33:
      if (body.length === 0) throw new InvalidData('empty issuer fingerprint subpacket');
      if (!fingerprintFits(body)) throw new InvalidData('bad fingerprint length');
      says.fingerprint = body.subarray(1);
      says.issuer = body[0]! >= 5 ? body.subarray(1, 9) : body.subarray(-8);
      break;
    case 35:
      if (body.length === 0) throw new InvalidData('invalid intended recipient fingerpring length');
      if (!fingerprintFits(body)) throw new InvalidData('invalid fingerprint length');
      break;
    case 39:
      if (body.length % 2 !== 0) throw new InvalidData('invalid aead cipher suite length');
      break;
    default: // only shown
  }
}

/** The version of a key, and its fingerprint. */
const fingerprintFits = (body: Uint8Array): boolean => body.length - 1 === (body[0]! >= 5 ? 32 : 20);

function notation(body: Uint8Array): void {
  const names = (body[4]! << 8) | body[5]!;
  const values = (body[6]! << 8) | body[7]!;
  if (body.length < 8 || body.length !== 8 + names + values) {
    throw new InvalidData('notation data subpacket with bad length');
  }
}

const PRIMARY_KEY_BINDING = 0x19;

function embedded(body: Uint8Array, says: Said): void {
  if (says.embedded !== undefined) throw new InvalidData('Cannot have multiple embedded signatures');
  const { contents } = new Packets(writePacket(2, body)).next()!;
  says.embedded = readSignature(contents);
  const { type } = says.embedded;
  if (type !== PRIMARY_KEY_BINDING) throw new InvalidData(`cross-signature has unexpected type ${type}`);
}

/** Whether it says that this key made it. */
export const claims = ({ says }: Signature, key: PublicKey): boolean =>
  says.fingerprint === undefined
    ? says.issuer !== undefined && equalBytes(says.issuer, keyId(key))
    : equalBytes(says.fingerprint, key.fingerprint);

export type Verifying = Pick<Crypto, 'hash' | 'rsaVerify' | 'ecdsaVerify' | 'ed25519Verify'>;

/** Throws OpenPgpError when `key` did not sign the `message`. */
export function verify(signature: Signature, message: Uint8Array, key: PublicKey, crypto: Verifying): void {
  if (!canSign(key)) throw new InvalidArgument('public key cannot generate signatures');
  const digest = crypto.hash(signature.hash, message, signature.suffix);
  if (signature.algorithm !== key.algorithm) {
    throw new InvalidArgument('public key and signature use different algorithms');
  }
  const { material } = key;
  const [first, second] = signature.numbers;
  if (material.kind === 'rsa') {
    const exponent = material.exponent.reduce((value, byte) => value * 256 + byte, 0);
    const modulus = material.modulus;
    const whole = leftPadded(first!, modulus.length);
    if (!crypto.rsaVerify({ modulus, exponent }, signature.hash, digest, whole)) {
      throw new InvalidSignature('RSA verification failure');
    }
  } else if (material.kind === 'ed25519') {
    const whole = second === undefined ? first! : concatBytes(leftPadded(first!, 32), leftPadded(second, 32));
    if (whole.length !== 64 || !crypto.ed25519Verify(material.point, digest, whole)) {
      throw new InvalidSignature('EdDSA verification failure');
    }
  } else if (material.kind === 'ecdsa') {
    const size = (material.point.length - 1) / 2;
    const whole = concatBytes(leftPadded(first!, size), leftPadded(second!, size));
    if (!crypto.ecdsaVerify(material.curve, material.point, digest, whole)) {
      throw new InvalidSignature('ECDSA verification failure');
    }
  }
}

const leftPadded = (bytes: Uint8Array, size: number): Uint8Array =>
  bytes.length >= size ? bytes : concatBytes(new Uint8Array(size - bytes.length), bytes);

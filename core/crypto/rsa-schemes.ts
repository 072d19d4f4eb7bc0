/** RSA with its paddings (RFC 8017) over the raw operations of `Crypto`. Randomness comes from the caller. */
import { noBytes, compareBytes, equalBytes } from '../codec/bytes.ts';
import { digestSize, type Crypto, type HashName, type RsaKey, type RsaPublicKey } from './crypto.ts';
import {
  isPss,
  padForEncryption,
  padForSignature,
  padOaep,
  padPss,
  unpadEncryption,
  unpadOaep,
} from './rsa-padding.ts';

type Random = (length: number) => Uint8Array;

/** Bits of the modulus. */
export const rsaBits = ({ modulus }: RsaPublicKey): number => 8 * modulus.length - (Math.clz32(modulus[0]!) - 24);

const isBlock = (key: RsaPublicKey, bytes: Uint8Array): boolean =>
  bytes.length === key.modulus.length && compareBytes(bytes, key.modulus) < 0;

/** PKCS#1 v1.5 over the bytes as they are, without a DigestInfo; they leave 11 bytes of the modulus free. */
export const rsaSignBare = (crypto: Crypto, key: RsaKey, bytes: Uint8Array): Uint8Array =>
  crypto.rsaPrivate(key, padForSignature(bytes, key.modulus.length));

export function rsaVerifyBare(crypto: Crypto, key: RsaPublicKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (!isBlock(key, signature) || bytes.length > key.modulus.length - 11) return false;
  return equalBytes(crypto.rsaPublic(key, signature), padForSignature(bytes, key.modulus.length));
}

/** The longest salt that a key has room for; negative when it has none even for the digest. */
export const longestPssSalt = (key: RsaPublicKey, hash: HashName): number =>
  Math.ceil((rsaBits(key) - 1) / 8) - 2 - digestSize[hash];

/** Undefined when the key is too short for digest and salt. */
export function pssSign(
  crypto: Crypto,
  key: RsaKey,
  hash: HashName,
  digest: Uint8Array,
  salt: Uint8Array,
): Uint8Array | undefined {
  const block = padPss(crypto, hash, digest, salt, rsaBits(key));
  return block === undefined ? undefined : crypto.rsaPrivate(key, block);
}

/** `saltLength` 'auto' takes any. False for anything malformed. */
export function pssVerify(
  crypto: Crypto,
  key: RsaPublicKey,
  hash: HashName,
  digest: Uint8Array,
  signature: Uint8Array,
  saltLength: number | 'auto',
): boolean {
  if (!isBlock(key, signature)) return false;
  return isPss(crypto, hash, digest, crypto.rsaPublic(key, signature), rsaBits(key), saltLength);
}

/** The longest message that OAEP takes with this key. */
export const longestOaep = (key: RsaPublicKey, hash: HashName): number => key.modulus.length - 2 * digestSize[hash] - 2;

/** At most `longestOaep` bytes; the mask's hash is the label's. */
export const oaepEncrypt = (
  crypto: Crypto,
  key: RsaPublicKey,
  hash: HashName,
  message: Uint8Array,
  random: Random,
  label: Uint8Array = noBytes,
): Uint8Array =>
  crypto.rsaPublic(key, padOaep(crypto, hash, message, label, key.modulus.length, random(digestSize[hash])));

/** Undefined for anything malformed. */
export const oaepDecrypt = (
  crypto: Crypto,
  key: RsaKey,
  hash: HashName,
  ciphertext: Uint8Array,
  label: Uint8Array = noBytes,
): Uint8Array | undefined =>
  isBlock(key, ciphertext) ? unpadOaep(crypto, hash, crypto.rsaPrivate(key, ciphertext), label) : undefined;

/** PKCS#1 v1.5 encryption of at most 11 bytes less than the modulus. */
export const pkcs1Encrypt = (crypto: Crypto, key: RsaPublicKey, message: Uint8Array, random: Random): Uint8Array =>
  crypto.rsaPublic(key, padForEncryption(message, key.modulus.length, random));

/** Undefined for anything malformed. */
export const pkcs1Decrypt = (crypto: Crypto, key: RsaKey, ciphertext: Uint8Array): Uint8Array | undefined =>
  isBlock(key, ciphertext) ? unpadEncryption(crypto.rsaPrivate(key, ciphertext)) : undefined;

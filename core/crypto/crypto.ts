/**
 * The cryptography a node uses. Two implementations give the same bytes: `core/crypto/portable.ts` (noble) and
 * `host/crypto.ts` (node:crypto); one contract suite holds them together. Everything is synchronous and deterministic
 * given its inputs; what is slow on purpose is a promise (off the main thread on the host, CPU time in simulation).
 */
export type HashName =
  'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sha3-224' | 'sha3-256' | 'sha3-384' | 'sha3-512' | 'md5';

/** Bytes of a digest. */
export const digestSize: Readonly<Record<HashName, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  'sha3-224': 28,
  'sha3-256': 32,
  'sha3-384': 48,
  'sha3-512': 64,
};

/** What `open` throws when the tag does not match; upstream's text. */
export class AuthenticationFailed extends Error {
  constructor() {
    super('cipher: message authentication failed');
    this.name = 'AuthenticationFailed';
  }
}

/** A cipher under one key; sealing appends a tag of 16 bytes. */
export interface Aead {
  seal(nonce: Uint8Array, plaintext: Uint8Array, aad?: Uint8Array): Uint8Array;
  /** Throws AuthenticationFailed. */
  open(nonce: Uint8Array, sealed: Uint8Array, aad?: Uint8Array): Uint8Array;
}

/** A key prepared once and used often. */
export interface AesGcm extends Aead {
  /**
   * `nonce` is 12 bytes. Returns ciphertext | 16-byte tag, after `room` zero bytes for the caller's own header
   * (none unless given): one allocation for a whole storage entry.
   */
  seal(nonce: Uint8Array, plaintext: Uint8Array, aad?: Uint8Array, room?: number): Uint8Array;
}

export interface EcdsaKey {
  readonly curve: 'p224' | 'p256' | 'p384' | 'p521';
  /** Big-endian scalar, padded to the curve's size. */
  readonly secret: Uint8Array;
}

/** Big-endian, without leading zeros. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly exponent: number;
}

/** Bytes of entropy that go into a signature. */
export const ECDSA_ENTROPY = 32;

/** With the parts of RFC 8017, section 3.2 (second form); numbers big-endian without leading zeros. */
export interface RsaKey extends RsaPublicKey {
  readonly d: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  readonly dp: Uint8Array;
  readonly dq: Uint8Array;
  readonly qi: Uint8Array;
}

export type CbcCipher = 'aes' | 'des3';

/** FIPS 204's parameter sets. */
export type MlDsaLevel = 44 | 65 | 87;

/** ML-DSA in its pure form with an empty context. A private key is its 32-byte seed. */
export interface MlDsa {
  /** 1312, 1952 or 2592 bytes. */
  publicKey(level: MlDsaLevel, seed: Uint8Array): Uint8Array;
  /** `random` is 32 bytes, or none for the deterministic variant. 2420, 3309 or 4627 bytes. */
  sign(level: MlDsaLevel, seed: Uint8Array, message: Uint8Array, random?: Uint8Array): Uint8Array;
  /** False for anything malformed. */
  verify(level: MlDsaLevel, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export interface Crypto {
  /** `key` is 16, 24 or 32 bytes. */
  aesGcm(key: Uint8Array): AesGcm;
  /** RFC 8439; nonces of 12 bytes. */
  chacha20Poly1305(key: Uint8Array): Aead;
  /** draft-irtf-cfrg-xchacha; nonces of 24 bytes. */
  xchacha20Poly1305(key: Uint8Array): Aead;
  /** AES key wrap with padding, RFC 5649. `kek` is 16, 24 or 32 bytes. */
  wrapKey(kek: Uint8Array, key: Uint8Array): Uint8Array;
  /** Undefined when the wrapped bytes are not of this key. */
  unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined;
  /** AES key wrap without padding, RFC 3394: keys of 16 bytes and more, in blocks of 8. */
  wrapBlocks(kek: Uint8Array, key: Uint8Array): Uint8Array;
  /** AES in cipher feedback of whole blocks, from a first block of zeros; as long as the plaintext. */
  cfbEncrypt(key: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /**
   * Cipher block chaining without padding: whole blocks (of 16 bytes, or 8), from a first block of zeros. Keys of AES have
   * 16, 24 or 32 bytes, those of triple DES 24.
   */
  cbcEncrypt(cipher: CbcCipher, key: Uint8Array, plaintext: Uint8Array): Uint8Array;
  cbcDecrypt(cipher: CbcCipher, key: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array;
  hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  hkdf(name: HashName, secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** Constant-time on the host. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  /** `random` supplies the candidate bytes. */
  ecdsaGenerate(curve: EcdsaKey['curve'], random: (length: number) => Uint8Array): EcdsaKey;
  /** Uncompressed point: 04 | x | y. */
  ecdsaPublic(key: EcdsaKey): Uint8Array;
  /**
   * RFC 6979; r | s, each padded to the curve's size. `digest` is the hashed message. `entropy` goes into the nonce
   * (section 3.6); without it the same digest is always signed alike.
   */
  ecdsaSign(key: EcdsaKey, digest: Uint8Array, entropy?: Uint8Array): Uint8Array;
  ecdsaVerify(curve: EcdsaKey['curve'], publicPoint: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean;
  /** As `ecdsaVerify` of the message's hash; on the host far quicker than that. */
  ecdsaVerifyMessage(
    curve: EcdsaKey['curve'],
    publicPoint: Uint8Array,
    hash: HashName,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  /** The x-coordinate that both sides share (SEC 1, section 3.3.1); undefined when the point is not on the curve. */
  ecdh(key: EcdsaKey, publicPoint: Uint8Array): Uint8Array | undefined;
  /**
   * 2048, 3072, 4096 or 8192 bits with the exponent 65537. On the host real keys, off the main thread; anywhere else made of
   * public test primes that `random` chooses.
   */
  rsaGenerate(bits: number, random: (length: number) => Uint8Array): Promise<RsaKey>;
  /** PKCS#1 v1.5, as long as the modulus. */
  rsaSign(key: RsaKey, hash: HashName, digest: Uint8Array): Uint8Array;
  rsaVerify(key: RsaPublicKey, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean;
  /** c^d mod n without any padding, as long as the modulus; `block` is as long and below the modulus. */
  rsaPrivate(key: RsaKey, block: Uint8Array): Uint8Array;
  /** m^e mod n without any padding, as long as the modulus; `block` is as long and below the modulus. */
  rsaPublic(key: RsaPublicKey, block: Uint8Array): Uint8Array;
  readonly mlDsa: MlDsa;
  /** `seed` is 32 bytes: the private key. */
  ed25519Public(seed: Uint8Array): Uint8Array;
  /** 64 bytes. */
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** `$2a$<cost>$…`, 60 characters. `salt` is 16 bytes. */
  bcryptHash(password: Uint8Array, cost: number, salt: Uint8Array): Promise<string>;
  bcryptVerify(password: Uint8Array, hash: string): Promise<boolean>;
}

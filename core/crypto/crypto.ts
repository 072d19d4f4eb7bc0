/**
 * The cryptography a node uses. Two implementations give the same bytes: `core/crypto/portable.ts` (noble) and
 * `host/crypto.ts` (node:crypto); one contract suite holds them together. Everything is synchronous and deterministic
 * given its inputs; what is slow on purpose is a promise (off the main thread on the host, CPU time in simulation).
 */
export type HashName = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'md5';

/** What `open` throws when the tag does not match; upstream's text. */
export class AuthenticationFailed extends Error {
  constructor() {
    super('cipher: message authentication failed');
    this.name = 'AuthenticationFailed';
  }
}

/** A key prepared once and used often. */
export interface AesGcm {
  /**
   * `nonce` is 12 bytes. Returns ciphertext | 16-byte tag, after `room` zero bytes for the caller's own header
   * (none unless given): one allocation for a whole storage entry.
   */
  seal(nonce: Uint8Array, plaintext: Uint8Array, aad?: Uint8Array, room?: number): Uint8Array;
  /** Throws AuthenticationFailed. */
  open(nonce: Uint8Array, sealed: Uint8Array, aad?: Uint8Array): Uint8Array;
}

export interface EcdsaKey {
  readonly curve: 'p256' | 'p384' | 'p521';
  /** Big-endian scalar, padded to the curve's size. */
  readonly secret: Uint8Array;
}

/** Big-endian, without leading zeros. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly exponent: number;
}

/** With the parts of RFC 8017, section 3.2 (second form); numbers big-endian without leading zeros. */
export interface RsaKey extends RsaPublicKey {
  readonly d: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  readonly dp: Uint8Array;
  readonly dq: Uint8Array;
  readonly qi: Uint8Array;
}

export interface Crypto {
  /** `key` is 16, 24 or 32 bytes. */
  aesGcm(key: Uint8Array): AesGcm;
  hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array;
  hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  hkdf(name: HashName, secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** Constant-time on the host. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  /** `random` supplies the candidate bytes. */
  ecdsaGenerate(curve: EcdsaKey['curve'], random: (length: number) => Uint8Array): EcdsaKey;
  /** Uncompressed point: 04 | x | y. */
  ecdsaPublic(key: EcdsaKey): Uint8Array;
  /** RFC 6979; r | s, each padded to the curve's size. `digest` is the hashed message. */
  ecdsaSign(key: EcdsaKey, digest: Uint8Array): Uint8Array;
  ecdsaVerify(curve: EcdsaKey['curve'], publicPoint: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean;
  /**
   * 2048, 3072 or 4096 bits with the exponent 65537. On the host real keys, off the main thread; anywhere else made of
   * public test primes that `random` chooses.
   */
  rsaGenerate(bits: number, random: (length: number) => Uint8Array): Promise<RsaKey>;
  /** PKCS#1 v1.5, as long as the modulus. */
  rsaSign(key: RsaKey, hash: HashName, digest: Uint8Array): Uint8Array;
  rsaVerify(key: RsaPublicKey, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean;
  /** `seed` is 32 bytes: the private key. */
  ed25519Public(seed: Uint8Array): Uint8Array;
  /** 64 bytes. */
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** `$2a$<cost>$…`, 60 characters. `salt` is 16 bytes. */
  bcryptHash(password: Uint8Array, cost: number, salt: Uint8Array): Promise<string>;
  bcryptVerify(password: Uint8Array, hash: string): Promise<boolean>;
}

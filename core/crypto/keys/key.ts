/**
 * Asymmetric keys as values of one type, whatever their algorithm: what PKI, SSH, transit and token signers pass around.
 * `private-container.ts`, `public-container.ts` and `pem.ts` read and write them, `sign.ts` signs and verifies, `make.ts` makes them.
 */
import { equalBytes } from '../../codec/bytes.ts';
import type { Crypto, EcdsaKey, HashName, MlDsaLevel, RsaKey, RsaPublicKey } from '../crypto.ts';

export type PrivateKey =
  | { readonly kind: 'rsa'; readonly key: RsaKey }
  | { readonly kind: 'ecdsa'; readonly key: EcdsaKey }
  /** 32 bytes. */
  | { readonly kind: 'ed25519'; readonly seed: Uint8Array }
  /** 32 bytes. */
  | { readonly kind: 'mldsa'; readonly level: MlDsaLevel; readonly seed: Uint8Array };

/** A private key that another server keeps, and signs with when asked. */
export interface RemoteKey {
  readonly kind: 'remote';
  /** What it is known by: `<configuration>:<key>`. */
  readonly reference: string;
  readonly publicKey: PublicKey;
  /** `input` is a digest by `hash`, or a whole message where there is none. ECDSA signatures are DER. Rejects with the framework's ExternalKeyProblem. */
  sign(input: Uint8Array, how: RemoteSigning): Promise<Uint8Array>;
}

export interface RemoteSigning {
  readonly hash?: HashName;
  /** RSA only: PSS, with a salt of so many bytes, as long as the digest, or as there is room; without: PKCS#1 v1.5. */
  readonly salt?: number | 'hash' | 'auto';
}

/** What signs, wherever it is. */
export type SigningKey = PrivateKey | RemoteKey;

export type PublicKey =
  | { readonly kind: 'rsa'; readonly key: RsaPublicKey }
  /** Uncompressed: 04 | x | y. */
  | { readonly kind: 'ecdsa'; readonly curve: EcdsaKey['curve']; readonly point: Uint8Array }
  /** 32 bytes. */
  | { readonly kind: 'ed25519'; readonly bytes: Uint8Array }
  | { readonly kind: 'mldsa'; readonly level: MlDsaLevel; readonly bytes: Uint8Array };

export function publicKeyOf(crypto: Crypto, key: SigningKey): PublicKey {
  switch (key.kind) {
    case 'remote':
      return key.publicKey;
    case 'rsa':
      return { kind: 'rsa', key: { modulus: key.key.modulus, exponent: key.key.exponent } };
    case 'ecdsa':
      return { kind: 'ecdsa', curve: key.key.curve, point: crypto.ecdsaPublic(key.key) };
    case 'ed25519':
      return { kind: 'ed25519', bytes: crypto.ed25519Public(key.seed) };
    case 'mldsa':
      return { kind: 'mldsa', level: key.level, bytes: crypto.mlDsa.publicKey(key.level, key.seed) };
  }
}

export function samePublicKey(a: PublicKey, b: PublicKey): boolean {
  if (a.kind === 'rsa') {
    return b.kind === 'rsa' && a.key.exponent === b.key.exponent && equalBytes(a.key.modulus, b.key.modulus);
  }
  if (a.kind === 'ecdsa') return b.kind === 'ecdsa' && a.curve === b.curve && equalBytes(a.point, b.point);
  if (a.kind === 'mldsa') return b.kind === 'mldsa' && a.level === b.level && equalBytes(a.bytes, b.bytes);
  return b.kind === 'ed25519' && equalBytes(a.bytes, b.bytes);
}

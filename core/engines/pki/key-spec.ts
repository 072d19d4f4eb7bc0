/** Which keys there may be, what they default to, and how they are made. */
import { refuse, failure } from '../../fault.ts';
import type { Crypto, MlDsaLevel } from '../../crypto/crypto.ts';
import type { PrivateKey, PublicKey, SigningKey } from '../../crypto/keys/key.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { makePrivateKey, type KeySpec } from '../../crypto/keys/make.ts';
import { parsePrivatePem, parsePublicPem, traditionalPem } from '../../crypto/keys/pem.ts';
import { rsaBits } from '../../crypto/rsa-schemes.ts';
import type { SignatureAlgorithm } from '../../crypto/x509/algorithm.ts';
import { usualAlgorithm } from '../../crypto/x509/algorithm.ts';
import type { Runtime } from '../../runtime.ts';
import { externalSigner, type KeysElsewhere } from './external-keys.ts';
import type { Key, KeyType } from './model.ts';

const RSA_BITS = new Set([2048, 3072, 4096, 8192]);
const EC_BITS = new Set([224, 256, 384, 521]);
const ML_DSA_LEVELS = new Set([44, 65, 87]);

/** What is wrong with type and bits, in upstream's words; bits are those in use. */
export function checkedBits(type: string, bits: number): { readonly bits: number } | { readonly problem: string } {
  switch (type) {
    case 'rsa':
      if (bits === 0) return { bits: 2048 };
      if (bits < 2048) return { problem: `RSA keys < 2048 bits are unsafe and not supported: got ${bits}` };
      return RSA_BITS.has(bits) ? { bits } : { problem: `unsupported bit length for RSA key: ${bits}` };
    case 'ec':
      if (bits === 0) return { bits: 256 };
      return EC_BITS.has(bits) ? { bits } : { problem: `unsupported bit length for EC key: ${bits}` };
    case 'mldsa':
      if (bits === 0) return { bits: 44 };
      return ML_DSA_LEVELS.has(bits) ? { bits } : { problem: `unsupported bit length for ML-DSA key: ${bits}` };
    case 'ed25519':
    case 'any':
      return { bits };
    default:
      return { problem: `unknown key type ${type}` };
  }
}

function specOf(type: string, bits: number): KeySpec {
  switch (type) {
    case 'rsa':
      return { kind: 'rsa', bits: bits as 2048 | 3072 | 4096 | 8192 };
    case 'ec':
      return { kind: 'ecdsa', curve: `p${bits as 224 | 256 | 384 | 521}` };
    case 'ed25519':
      return { kind: 'ed25519' };
    case 'mldsa':
      return { kind: 'mldsa', level: bits as MlDsaLevel };
    default:
      throw failure(`unknown key type: ${type}`);
  }
}

/** `bits` are checked. */
export const makeKey = (runtime: Runtime, type: string, bits: number): Promise<PrivateKey> =>
  makePrivateKey(runtime, specOf(type, bits));

/** As upstream's texts name them. */
export const KIND_NAMES = { rsa: 'RSA', ecdsa: 'ECDSA', ed25519: 'Ed25519', mldsa: 'ML-DSA' } as const;

export function typeOf(key: SigningKey | PublicKey): KeyType {
  if (key.kind === 'remote') return typeOf(key.publicKey);
  return key.kind === 'ecdsa' ? 'ec' : key.kind;
}

export function bitsOf(key: PublicKey): number {
  if (key.kind === 'rsa') return rsaBits(key.key);
  if (key.kind === 'ecdsa') return Number(key.curve.slice(1));
  return key.kind === 'mldsa' ? key.level : 0;
}

/** PEM without a line break at the end, as upstream shows and stores it. */
export const keyPem = (crypto: Crypto, key: PrivateKey): string => traditionalPem(crypto, key).trimEnd();

/** Throws a Fault for a key elsewhere that cannot be had. */
export async function signingKeyOf({ privateKey, external }: Key, system: KeysElsewhere): Promise<SigningKey> {
  return external === undefined ? parsePrivatePem(privateKey) : externalSigner(external.reference, system);
}

export const publicOf = (crypto: Crypto, key: Key): PublicKey =>
  key.external === undefined
    ? publicKeyOf(crypto, parsePrivatePem(key.privateKey))
    : parsePublicPem(key.external.publicKey);

const HASHES = { 256: 'sha256', 384: 'sha384', 512: 'sha512' } as const;

/** What this key signs with when a role asks for so many bits and PSS; `anyCurve`: also where it is an ECDSA key. */
export function signingAlgorithm(
  key: PublicKey,
  signatureBits: number,
  pss: boolean,
  anyCurve: boolean,
): SignatureAlgorithm {
  const hash = HASHES[signatureBits as keyof typeof HASHES];
  if (key.kind === 'rsa') return { kind: 'rsa', hash: hash ?? 'sha256', pss };
  if (key.kind === 'ecdsa' && anyCurve && hash !== undefined) return { kind: 'ecdsa', hash };
  return usualAlgorithm(key);
}

export const keyTypeRefusal = (problem: string) => refuse(`Validation for key_type, key_bits failed: ${problem}`);

/** Signature algorithms of certificates: identifiers (RFC 4055, 5758, 8410, 9881), signing and verifying. */
import { equalBytes } from '../../codec/bytes.ts';
import { der } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { digestSize, ECDSA_ENTROPY, type Crypto, type HashName, type MlDsaLevel } from '../crypto.ts';
import type { PublicKey, RemoteKey, SigningKey } from '../keys/key.ts';
import { ML_DSA_OIDS, mlDsaLevelOf, OID } from '../keys/oids.ts';
import { signMessage, verifyMessage } from '../keys/sign.ts';

export type SignatureAlgorithm =
  | { readonly kind: 'rsa'; readonly hash: RsaHash; readonly pss: boolean }
  | { readonly kind: 'ecdsa'; readonly hash: EcdsaHash }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'mldsa'; readonly level: MlDsaLevel };

export type RsaHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';
export type EcdsaHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

const PKCS1 = '1.2.840.113549.1.1';
const PSS = `${PKCS1}.10`;
const MGF1 = `${PKCS1}.8`;

const RSA_OIDS: Readonly<Record<RsaHash, string>> = {
  sha1: `${PKCS1}.5`,
  sha256: `${PKCS1}.11`,
  sha384: `${PKCS1}.12`,
  sha512: `${PKCS1}.13`,
};
const ECDSA_OIDS: Readonly<Record<EcdsaHash, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
export const HASH_OIDS: Readonly<Record<RsaHash, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const HASHES = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
const FOR_PSS = ['sha256', 'sha384', 'sha512'] as const;

export const hashOfOid = (oid: string): RsaHash | undefined => HASHES.find((hash) => HASH_OIDS[hash] === oid);

/** As Go writes it: the salt as long as the digest, one trailer. */
function pssIdentifier(hash: RsaHash): Uint8Array {
  const hashing = der.sequence(der.oid(HASH_OIDS[hash]), der.null());
  return der.sequence(
    der.oid(PSS),
    der.sequence(
      der.explicit(0, hashing),
      der.explicit(1, der.sequence(der.oid(MGF1), hashing)),
      der.explicit(2, der.integer(digestSize[hash])),
    ),
  );
}

/** AlgorithmIdentifier. */
export function encodeAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  switch (algorithm.kind) {
    case 'rsa':
      if (algorithm.pss) return pssIdentifier(algorithm.hash);
      return der.sequence(der.oid(RSA_OIDS[algorithm.hash]), der.null());
    case 'ecdsa':
      return der.sequence(der.oid(ECDSA_OIDS[algorithm.hash]));
    case 'ed25519':
      return der.sequence(der.oid(OID.ed25519));
    case 'mldsa':
      return der.sequence(der.oid(ML_DSA_OIDS[algorithm.level]));
  }
}

/** `identifier` is the whole element; undefined for an algorithm that is not known here. Throws DerError. */
export function parseAlgorithm(identifier: Uint8Array): SignatureAlgorithm | undefined {
  const oid = new DerReader(identifier).sequence().oid();
  if (oid === PSS) {
    const hash = FOR_PSS.find((name) => equalBytes(pssIdentifier(name), identifier));
    return hash === undefined ? undefined : { kind: 'rsa', hash, pss: true };
  }
  const rsa = HASHES.find((hash) => RSA_OIDS[hash] === oid);
  if (rsa !== undefined) return { kind: 'rsa', hash: rsa, pss: false };
  const ecdsa = HASHES.find((hash) => ECDSA_OIDS[hash] === oid);
  if (ecdsa !== undefined) return { kind: 'ecdsa', hash: ecdsa };
  if (oid === OID.ed25519) return { kind: 'ed25519' };
  const level = mlDsaLevelOf(oid);
  return level === undefined ? undefined : { kind: 'mldsa', level };
}

const NAMES: Readonly<Record<RsaHash, string>> = { sha1: 'SHA1', sha256: 'SHA256', sha384: 'SHA384', sha512: 'SHA512' };

/** As Go's x509.SignatureAlgorithm prints; '0' for one that is not known. */
export function algorithmText(algorithm: SignatureAlgorithm | undefined): string {
  if (algorithm === undefined) return '0';
  switch (algorithm.kind) {
    case 'rsa':
      return `${NAMES[algorithm.hash]}-RSA${algorithm.pss ? 'PSS' : ''}`;
    case 'ecdsa':
      return `ECDSA-${NAMES[algorithm.hash]}`;
    case 'ed25519':
      return 'Ed25519';
    case 'mldsa':
      return `ML-DSA-${algorithm.level}`;
  }
}

/** The hash that goes with a curve unless another is asked for. */
export const curveHash = { p224: 'sha256', p256: 'sha256', p384: 'sha384', p521: 'sha512' } as const;

/** What Go signs with when nothing is said. */
export function usualAlgorithm(key: PublicKey): SignatureAlgorithm {
  switch (key.kind) {
    case 'rsa':
      return { kind: 'rsa', hash: 'sha256', pss: false };
    case 'ecdsa':
      return { kind: 'ecdsa', hash: curveHash[key.curve] };
    case 'ed25519':
      return { kind: 'ed25519' };
    case 'mldsa':
      return { kind: 'mldsa', level: key.level };
  }
}

/** `random` gives the salt of PSS and ECDSA's entropy. The key is of the algorithm's kind. */
export async function signWith(
  crypto: Crypto,
  key: SigningKey,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  if (key.kind === 'remote') return signRemotely(crypto, key, algorithm, message);
  if (algorithm.kind === 'ecdsa') {
    return signMessage(crypto, key, message, { hash: algorithm.hash, entropy: random(ECDSA_ENTROPY) });
  }
  if (algorithm.kind !== 'rsa') return signMessage(crypto, key, message);
  const hash: HashName = algorithm.hash;
  return signMessage(crypto, key, message, algorithm.pss ? { hash, pssSalt: random(digestSize[hash]) } : { hash });
}

function signRemotely(
  crypto: Crypto,
  key: RemoteKey,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
): Promise<Uint8Array> {
  if (algorithm.kind !== 'rsa' && algorithm.kind !== 'ecdsa') return key.sign(message, {});
  const { hash } = algorithm;
  const pss = algorithm.kind === 'rsa' && algorithm.pss;
  return key.sign(crypto.hash(hash, message), pss ? { hash, salt: 'hash' } : { hash });
}

/** False for anything malformed, and for a key of another kind. */
export function verifyWith(
  crypto: Crypto,
  key: PublicKey,
  algorithm: SignatureAlgorithm | undefined,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (algorithm === undefined || algorithm.kind !== key.kind) return false;
  if (algorithm.kind === 'ecdsa') return verifyMessage(crypto, key, message, signature, { hash: algorithm.hash });
  if (algorithm.kind !== 'rsa') return verifyMessage(crypto, key, message, signature);
  const { hash, pss } = algorithm;
  return verifyMessage(crypto, key, message, signature, pss ? { hash, pss: digestSize[hash] } : { hash });
}

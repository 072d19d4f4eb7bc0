/** Keys from outside, checked against what the type wants; in upstream's words, which name Go's types. */
import { decodePem } from '../../codec/pem.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { AgreementKeyError, KeyError } from '../../crypto/keys/key-error.ts';
import type { PrivateKey, PublicKey } from '../../crypto/keys/key.ts';
import { parsePublicPem } from '../../crypto/keys/pem.ts';
import { containerProblem, parsePkcs8, UNKNOWN_CURVE } from '../../crypto/keys/private-container.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { failure } from '../../fault.ts';
import { HMAC_KEY_SIZE, type KeyType } from './key-type.ts';
import type { KeyVersion } from './key-version.ts';
import { privateParts, publicParts } from './material.ts';

/** What was sent: the unwrapped material, or a public key. */
export type Sent = { readonly private: Uint8Array } | { readonly public: string };

/** The parts of a version, checked against what the type wants. */
export function partsOf(crypto: Crypto, type: KeyType, material: Sent): Partial<KeyVersion> {
  if ('public' in material) return publicParts(checkedPublic(type, parsedPublic(material.public)));
  const bytes = material.private;
  if (type.kind === 'cipher' || type.kind === 'hmac') {
    const fits = type.kind === 'cipher' ? bytes.length === type.keySize : fitsHmac(bytes.length);
    if (!fits) throw failure(`invalid key size ${bytes.length} bytes for key type ${type.name}`);
    return type.kind === 'hmac' ? { key: bytes, hmacKey: bytes } : { key: bytes };
  }
  const key = parsedPrivate(type, bytes);
  checkKind(type, key, GO_PRIVATE[key.kind]);
  return privateParts(crypto, key);
}

const fitsHmac = (size: number): boolean => size >= HMAC_KEY_SIZE.least && size <= HMAC_KEY_SIZE.most;

const GO_PRIVATE = {
  rsa: '*rsa.PrivateKey',
  ecdsa: '*ecdsa.PrivateKey',
  ed25519: 'ed25519.PrivateKey',
  mldsa: 'mldsa.PrivateKey',
};
const GO_PUBLIC = {
  rsa: '*rsa.PublicKey',
  ecdsa: '*ecdsa.PublicKey',
  ed25519: 'ed25519.PublicKey',
  mldsa: 'mldsa.PublicKey',
};

/** A curve that Go does not know may be that of an old key of Ed25519; as nobody has those, it is not looked for. */
const NO_KEY = `error parsing asymmetric key:
 - assuming contents are an ed25519 private key: keysutil: failed to parse private key (invalid, non-ed25519 curve parameter OID)
 - original error: x509: failed to parse EC private key embedded in PKCS#8: ${UNKNOWN_CURVE}`;

function parsedPrivate(type: KeyType, bytes: Uint8Array): PrivateKey {
  try {
    return parsePkcs8(bytes);
  } catch (error) {
    if (error instanceof AgreementKeyError) throw wrongKind(type, error.goType);
    if (error instanceof KeyError && error.message === UNKNOWN_CURVE) throw failure(NO_KEY);
    if (!isMalformed(error)) throw error;
    throw failure(`error parsing asymmetric key: ${containerProblem(bytes, 'PKCS8', error)}`);
  }
}

function parsedPublic(text: string): PublicKey {
  if (decodePem(text) === undefined) throw failure('error parsing public key: not in PEM format');
  try {
    return parsePublicPem(text);
  } catch (error) {
    if (!isMalformed(error)) throw error;
    throw failure(`error parsing public key: ${error.message}`);
  }
}

function checkedPublic(type: KeyType, key: PublicKey): PublicKey {
  checkKind(type, key, GO_PUBLIC[key.kind]);
  return key;
}

const CURVES = { p224: 'P-224', p256: 'P-256', p384: 'P-384', p521: 'P-521' };

const wrongKind = (type: KeyType, goName: string): Error =>
  failure(`invalid key type: expected ${type.name}, got ${goName}`);

function checkKind(type: KeyType, key: PrivateKey | PublicKey, goName: string): void {
  if (type.kind !== key.kind) throw wrongKind(type, goName);
  if (type.kind === 'ecdsa' && key.kind === 'ecdsa') {
    const curve = 'curve' in key ? key.curve : key.key.curve;
    if (curve !== type.curve) throw failure(`invalid curve: expected ${type.curveName}, got ${CURVES[curve]}`);
  }
  if (type.kind === 'rsa' && key.kind === 'rsa') {
    const size = key.key.modulus.length;
    const wanted = type.bits / 8;
    if (size !== wanted) throw failure(`invalid key size: expected ${wanted} bytes, got ${size} bytes`);
  }
}

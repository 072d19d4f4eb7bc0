/** Keys as PEM: `PRIVATE KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY`; `PUBLIC KEY`, `RSA PUBLIC KEY`. */
import { decodePem, encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import { KeyError } from './key-error.ts';
import type { PrivateKey, PublicKey } from './key.ts';
import { parsePkcs1, parsePkcs8, parseSec1, toPkcs1, toPkcs8, toSec1 } from './private-container.ts';
import { parsePkcs1Public, parseSpki, toSpki } from './public-container.ts';

/** PKCS#8. */
export const pkcs8Pem = (crypto: Crypto, key: PrivateKey): string => encodePem('PRIVATE KEY', toPkcs8(crypto, key));

/** The older form of each kind: PKCS#1 for RSA, SEC 1 for ECDSA, and PKCS#8 for what has no other. */
export function traditionalPem(crypto: Crypto, key: PrivateKey): string {
  if (key.kind === 'rsa') return encodePem('RSA PRIVATE KEY', toPkcs1(key.key));
  if (key.kind === 'ecdsa') return encodePem('EC PRIVATE KEY', toSec1(crypto, key.key));
  return pkcs8Pem(crypto, key);
}

/** The first block of the text. Throws DerError or KeyError. */
export function parsePrivatePem(text: string): PrivateKey {
  const found = decodePem(text);
  if (found === undefined) throw new KeyError('no PEM block found');
  const { type, bytes } = found.block;
  if (type === 'RSA PRIVATE KEY') return { kind: 'rsa', key: parsePkcs1(bytes) };
  if (type === 'EC PRIVATE KEY') return { kind: 'ecdsa', key: parseSec1(bytes) };
  if (type === 'PRIVATE KEY') return parsePkcs8(bytes);
  throw new KeyError(`a PEM block of type ${type} is no private key`);
}

/** SubjectPublicKeyInfo. */
export const spkiPem = (key: PublicKey): string => encodePem('PUBLIC KEY', toSpki(key));

/** The first block of the text. Throws DerError or KeyError. */
export function parsePublicPem(text: string): PublicKey {
  const found = decodePem(text);
  if (found === undefined) throw new KeyError('no PEM block found');
  const { type, bytes } = found.block;
  if (type === 'RSA PUBLIC KEY') return { kind: 'rsa', key: parsePkcs1Public(bytes) };
  if (type === 'PUBLIC KEY') return parseSpki(bytes);
  throw new KeyError(`a PEM block of type ${type} is no public key`);
}

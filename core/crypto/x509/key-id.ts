/** Key identifiers: the SHA-1 of the public key's bits (RFC 5280, section 4.2.1.2, first way). */
import type { Crypto } from '../crypto.ts';
import type { PublicKey } from '../keys/key.ts';
import { toSpki } from '../keys/public-container.ts';
import { publicKeyBits } from './ocsp.ts';

/** 20 bytes. */
export const subjectKeyId = (crypto: Crypto, key: PublicKey): Uint8Array =>
  crypto.hash('sha1', publicKeyBits(toSpki(key)));

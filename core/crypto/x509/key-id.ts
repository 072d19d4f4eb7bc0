/** Key identifiers: hashes of the public key's bits. */
import type { Crypto } from '../crypto.ts';
import type { PublicKey } from '../keys/key.ts';
import { toSpki } from '../keys/public-container.ts';
import { publicKeyBits } from './ocsp.ts';

/** RFC 5280, section 4.2.1.2, first way: 20 bytes. */
export const subjectKeyId = (crypto: Crypto, key: PublicKey): Uint8Array =>
  crypto.hash('sha1', publicKeyBits(toSpki(key)));

/** What Go gives an authority that has none: RFC 7093, section 2, first way. */
export const usualKeyId = (crypto: Crypto, key: PublicKey): Uint8Array =>
  crypto.hash('sha256', publicKeyBits(toSpki(key))).slice(0, 20);

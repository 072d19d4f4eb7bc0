/** The simplified profile (RFC 3961, section 5.3) with AES (RFC 3962) and triple DES (RFC 3961, section 6.3). */
import { concatBytes } from '../../codec/bytes.ts';
import type { Crypto } from '../crypto.ts';
import { ctsDecrypt, ctsEncrypt } from './cipher-text-stealing.ts';
import { type EncryptionType, type KeyFor, keyConstant } from './encryption-type.ts';
import { nFold } from './n-fold.ts';
import { tripleDesKey } from './triple-des-key.ts';

interface Profile {
  readonly id: number;
  readonly checksumId: number;
  readonly keySize: number;
  /** Bytes that a key is made of. */
  readonly seedSize: number;
  /** Of the cipher; as many of chance come before the text. */
  readonly blockSize: number;
  readonly macSize: number;
  encrypt(key: Uint8Array, plaintext: Uint8Array): Uint8Array;
  decrypt(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  keyOf(seed: Uint8Array): Uint8Array;
}

const aes = (crypto: Crypto, id: number, checksumId: number, keySize: number): Profile => ({
  id,
  checksumId,
  keySize,
  seedSize: keySize,
  blockSize: 16,
  macSize: 12,
  encrypt: (key, plaintext) => ctsEncrypt(crypto, key, plaintext),
  decrypt: (key, sealed) => ctsDecrypt(crypto, key, sealed),
  keyOf: (seed) => seed,
});

export const tripleDes = (crypto: Crypto): Profile => ({
  id: 16,
  checksumId: 12,
  keySize: 24,
  seedSize: 21,
  blockSize: 8,
  macSize: 20,
  encrypt: (key, plaintext) => crypto.cbcEncrypt('des3', key, plaintext),
  decrypt: (key, sealed) =>
    sealed.length === 0 || sealed.length % 8 !== 0 ? undefined : crypto.cbcDecrypt('des3', key, sealed),
  keyOf: tripleDesKey,
});

/** With zeros up to a whole number of blocks, where the cipher cannot do otherwise. */
function padded({ id, blockSize }: Profile, bytes: Uint8Array): Uint8Array {
  if (id !== 16) return bytes;
  const out = new Uint8Array(Math.ceil(bytes.length / blockSize) * blockSize);
  out.set(bytes);
  return out;
}

/** DK of section 5.1. */
export function derive(profile: Profile, key: Uint8Array, usage: number, purpose: KeyFor): Uint8Array {
  const seed = new Uint8Array(profile.seedSize);
  let block = nFold(keyConstant(usage, purpose), profile.blockSize);
  for (let at = 0; at < seed.length; at += block.length) {
    block = profile.encrypt(key, block);
    seed.set(block.subarray(0, seed.length - at), at);
  }
  return profile.keyOf(seed);
}

function made(crypto: Crypto, profile: Profile): EncryptionType {
  const { id, checksumId, keySize, blockSize, macSize } = profile;
  const mac = (key: Uint8Array, usage: number, purpose: KeyFor, bytes: Uint8Array): Uint8Array =>
    crypto.hmac('sha1', derive(profile, key, usage, purpose), bytes).subarray(0, macSize);
  return {
    id,
    checksumId,
    keySize,
    confounderSize: blockSize,
    encrypt(key, usage, plaintext, confounder) {
      const whole = padded(profile, concatBytes(confounder, plaintext));
      const sealed = profile.encrypt(derive(profile, key, usage, 'encryption'), whole);
      return concatBytes(sealed, mac(key, usage, 'integrity', whole));
    },
    decrypt(key, usage, sealed) {
      if (key.length !== keySize || sealed.length < macSize) return undefined;
      const end = sealed.length - macSize;
      const whole = profile.decrypt(derive(profile, key, usage, 'encryption'), sealed.subarray(0, end));
      if (whole === undefined || !crypto.equal(mac(key, usage, 'integrity', whole), sealed.subarray(end))) {
        return undefined;
      }
      return whole.subarray(blockSize);
    },
    checksum: (key, usage, bytes) => (key.length === keySize ? mac(key, usage, 'checksum', bytes) : undefined),
  };
}

export const simplifiedTypes = (crypto: Crypto): readonly EncryptionType[] => [
  made(crypto, aes(crypto, 17, 15, 16)),
  made(crypto, aes(crypto, 18, 16, 32)),
  made(crypto, tripleDes(crypto)),
];

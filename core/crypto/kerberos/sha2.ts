/** AES with HMAC-SHA2 (RFC 8009): encrypted first, and what came out is signed. */
import { concatBytes } from '../../codec/bytes.ts';
import type { Crypto } from '../crypto.ts';
import { ctsDecrypt, ctsEncrypt } from './cipher-text-stealing.ts';
import { type EncryptionType, type KeyFor, keyConstant } from './encryption-type.ts';

interface Profile {
  readonly id: number;
  readonly checksumId: number;
  readonly hash: 'sha256' | 'sha384';
  readonly keySize: number;
  /** Of checksums, and of the keys that make them. */
  readonly macSize: number;
}

const CONFOUNDER = 16;

/** KDF-HMAC-SHA2 of section 3. */
function derive(crypto: Crypto, profile: Profile, key: Uint8Array, usage: number, purpose: KeyFor): Uint8Array {
  const size = purpose === 'encryption' ? profile.keySize : profile.macSize;
  const bits = Uint8Array.of(0, 0, (size * 8) >> 8, size * 8);
  const label = keyConstant(usage, purpose);
  return crypto.hmac(profile.hash, key, Uint8Array.of(0, 0, 0, 1), label, Uint8Array.of(0), bits).subarray(0, size);
}

function made(crypto: Crypto, profile: Profile): EncryptionType {
  const { id, checksumId, hash, keySize, macSize } = profile;
  const mac = (key: Uint8Array, usage: number, purpose: KeyFor, ...parts: readonly Uint8Array[]): Uint8Array =>
    crypto.hmac(hash, derive(crypto, profile, key, usage, purpose), ...parts).subarray(0, macSize);
  /** Of a first block of zeros and what is encrypted. */
  const sealMac = (key: Uint8Array, usage: number, sealed: Uint8Array): Uint8Array =>
    mac(key, usage, 'integrity', new Uint8Array(16), sealed);
  return {
    id,
    checksumId,
    keySize,
    confounderSize: CONFOUNDER,
    encrypt(key, usage, plaintext, confounder) {
      const own = derive(crypto, profile, key, usage, 'encryption');
      const sealed = ctsEncrypt(crypto, own, concatBytes(confounder, plaintext));
      return concatBytes(sealed, sealMac(key, usage, sealed));
    },
    decrypt(key, usage, whole) {
      const end = whole.length - macSize;
      if (end < CONFOUNDER) return undefined;
      const sealed = whole.subarray(0, end);
      if (!crypto.equal(sealMac(key, usage, sealed), whole.subarray(end))) return undefined;
      return ctsDecrypt(crypto, derive(crypto, profile, key, usage, 'encryption'), sealed)?.subarray(CONFOUNDER);
    },
    checksum: (key, usage, bytes) => mac(key, usage, 'checksum', bytes),
  };
}

export const sha2Types = (crypto: Crypto): readonly EncryptionType[] => [
  made(crypto, { id: 19, checksumId: 19, hash: 'sha256', keySize: 16, macSize: 16 }),
  made(crypto, { id: 20, checksumId: 20, hash: 'sha384', keySize: 32, macSize: 24 }),
];

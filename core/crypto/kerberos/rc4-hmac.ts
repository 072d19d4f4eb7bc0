/** RC4-HMAC (RFC 4757), which knows some uses under other numbers. Keys may have any size. */
import { concatBytes } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../crypto.ts';
import type { EncryptionType } from './encryption-type.ts';
import { rc4 } from './rc4.ts';

const MAC = 16;
const CONFOUNDER = 8;

function usageBytes(usage: number): Uint8Array {
  const own = usage === 3 || usage === 9 ? 8 : usage === 23 ? 13 : usage;
  return Uint8Array.of(own, own >>> 8, own >>> 16, own >>> 24);
}

export function rc4Type(crypto: Crypto): EncryptionType {
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => crypto.hmac('md5', key, ...parts);
  return {
    id: 23,
    checksumId: -138,
    keySize: 16,
    confounderSize: CONFOUNDER,
    encrypt(key, usage, plaintext, confounder) {
      const own = hmac(key, usageBytes(usage));
      const whole = concatBytes(confounder, plaintext);
      const mac = hmac(own, whole);
      return concatBytes(mac, rc4(hmac(own, mac), whole));
    },
    decrypt(key, usage, sealed) {
      if (sealed.length < MAC + CONFOUNDER) return undefined;
      const own = hmac(key, usageBytes(usage));
      const mac = sealed.subarray(0, MAC);
      const whole = rc4(hmac(own, mac), sealed.subarray(MAC));
      return crypto.equal(hmac(own, whole), mac) ? whole.subarray(CONFOUNDER) : undefined;
    },
    checksum(key, usage, bytes) {
      const signing = hmac(key, encodeUtf8('signaturekey\0'));
      return hmac(signing, crypto.hash('md5', usageBytes(usage), bytes));
    },
  };
}

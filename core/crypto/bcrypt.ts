/** bcrypt (Provos and Mazières 1999) as golang.org/x/crypto/bcrypt writes it: `$2a$`, 60 characters. */
import { assert } from '../assert.ts';
import { failure } from '../fault.ts';
import { Blowfish, blowfishTables } from './blowfish.ts';

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const magic = 'OrpheanBeholderScryDoubt';

export interface Bcrypt {
  /** Blocks for about 60 ms at cost 10. `salt` is 16 bytes; a Fault for passwords over 72 bytes. */
  hash(password: Uint8Array, cost: number, salt: Uint8Array): string;
  /** False for a malformed hash too. */
  verify(password: Uint8Array, hash: string): boolean;
}

/** Go's version byte may be any of 2, 2a, 2b, 2y: the computation is the same. */
const shape = /^\$2[aby]?\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;

export function makeBcrypt(): Bcrypt {
  let tables: Int32Array | undefined;
  const digest = (password: Uint8Array, cost: number, salt: Uint8Array): Uint8Array =>
    eksBlowfish((tables ??= blowfishTables()), password, cost, salt);
  return {
    hash(password, cost, salt) {
      if (password.length > 72) throw failure('bcrypt: password length exceeds 72 bytes');
      assert(cost >= 4 && cost <= 31 && salt.length === 16, 'bcrypt takes a cost of 4 to 31 and a salt of 16 bytes');
      return `$2a$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(digest(password, cost, salt))}`;
    },
    verify(password, hash) {
      const parts = shape.exec(hash);
      if (parts === null) return false;
      const cost = Number(parts[1]);
      if (cost < 4 || cost > 31) return false;
      return encode(digest(password, cost, decodeSalt(parts[2]!))) === parts[3];
    },
  };
}

/** 23 bytes: the original implementation forgot the last one, and everyone has followed it. */
function eksBlowfish(tables: Int32Array, password: Uint8Array, cost: number, salt: Uint8Array): Uint8Array {
  // The key is the password with a closing zero byte, repeated; bytes past the 72nd never matter.
  const key = words(18, (i) => password[i % (password.length + 1)] ?? 0);
  const saltWords = words(4, (i) => salt[i]!);
  const saltAsKey = words(18, (i) => salt[i % 16]!);
  const cipher = new Blowfish(tables);
  cipher.expand(key, saltWords);
  for (let round = 0; round < 2 ** cost; round++) {
    cipher.expand(key);
    cipher.expand(saltAsKey);
  }
  const block = words(6, (i) => magic.charCodeAt(i));
  cipher.encryptWords(block, 64);
  return Uint8Array.from({ length: 23 }, (_, i) => block[i >> 2]! >>> (24 - 8 * (i & 3)));
}

function words(count: number, byteAt: (index: number) => number): Int32Array {
  const out = new Int32Array(count);
  for (let i = 0; i < count * 4; i++) out[i >> 2] = (out[i >> 2]! << 8) | byteAt(i);
  return out;
}

/** bcrypt's own base64: another alphabet, no padding. */
function encode(bytes: Uint8Array): string {
  let out = '';
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xffff;
    bits += 8;
    for (; bits >= 6; bits -= 6) out += alphabet[(pending >> (bits - 6)) & 63];
  }
  return bits > 0 ? out + alphabet[(pending << (6 - bits)) & 63] : out;
}

function decodeSalt(text: string): Uint8Array {
  const out = new Uint8Array(16);
  let pending = 0;
  let bits = 0;
  let length = 0;
  for (const char of text) {
    pending = ((pending << 6) | alphabet.indexOf(char)) & 0xffff;
    bits += 6;
    if (bits >= 8 && length < 16) {
      bits -= 8;
      out[length++] = pending >> bits;
    }
  }
  return out;
}

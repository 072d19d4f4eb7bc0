/** Time-based one-time passwords (RFC 4226, RFC 6238), and their keys in base32. */
import { encodeUtf8 } from '../../../codec/utf8.ts';
import type { Crypto, HashName } from '../../../crypto/crypto.ts';
import type { OtpAlgorithm } from './model.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const HASHES: Readonly<Record<OtpAlgorithm, HashName>> = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' };

/** RFC 4648, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let out = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(value >> bits) & 31]!;
    }
  }
  return bits === 0 ? out : out + ALPHABET[(value << (5 - bits)) & 31]!;
}

export function decodeBase32(text: string): Uint8Array {
  const out: number[] = [];
  let value = 0;
  let bits = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) break;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push((value >> bits) & 0xff);
    }
  }
  return Uint8Array.from(out);
}

export interface OtpRule {
  readonly algorithm: OtpAlgorithm;
  readonly digits: number;
  /** Seconds. */
  readonly period: number;
  readonly skew: number;
}

/** The passcode of a counter. */
export function passcode(key: Uint8Array, counter: number, { algorithm, digits }: OtpRule, crypto: Crypto): string {
  const message = new Uint8Array(8);
  new DataView(message.buffer).setBigUint64(0, BigInt(counter));
  const digest = crypto.hmac(HASHES[algorithm], key, message);
  const at = digest.at(-1)! & 15;
  const number = new DataView(digest.buffer, digest.byteOffset).getUint32(at) & 0x7fffffff;
  return String(number).padStart(digits, '0').slice(-digits);
}

/** Whether the passcode is one of now, or of the periods beside it as far as the rule allows. `now` in seconds. */
export function isPasscode(given: string, key: Uint8Array, now: number, rule: OtpRule, crypto: Crypto): boolean {
  const counter = Math.floor(now / rule.period);
  for (let shift = -rule.skew; shift <= rule.skew; shift++) {
    const expected = passcode(key, counter + shift, rule, crypto);
    if (crypto.equal(encodeUtf8(expected), encodeUtf8(given))) return true;
  }
  return false;
}

/** As Go's url.PathEscape would write an issuer or an account. */
const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** What authenticators read from a QR code. */
export const otpUrl = (issuer: string, account: string, secret: string, rule: OtpRule): string =>
  `otpauth://totp/${escape(issuer)}:${escape(account)}?algorithm=${rule.algorithm}&digits=${rule.digits}&issuer=${escape(issuer)}&period=${rule.period}&secret=${secret}`;

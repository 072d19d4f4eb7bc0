/** Time-based one-time passwords (RFC 4226, RFC 6238). */
import { escapePath, escapePathSegment } from '../codec/go-url.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Crypto, HashName } from './crypto.ts';

export type OtpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512';

const HASHES: Readonly<Record<OtpAlgorithm, HashName>> = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' };

export const isOtpAlgorithm = (name: string): name is OtpAlgorithm => Object.hasOwn(HASHES, name);

export interface OtpRule {
  readonly algorithm: OtpAlgorithm;
  readonly digits: number;
  /** Seconds. */
  readonly period: number;
  readonly skew: number;
}

/** A period of 0 is none: what upstream's library takes then. */
const periodOf = ({ period }: OtpRule): number => period || 30;

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
  const counter = Math.floor(now / periodOf(rule));
  for (let shift = -rule.skew; shift <= rule.skew; shift++) {
    const expected = passcode(key, counter + shift, rule, crypto);
    if (crypto.equal(encodeUtf8(expected), encodeUtf8(given))) return true;
  }
  return false;
}

/** What authenticators read from a QR code. */
export function otpUrl(issuer: string, account: string, secret: string, rule: OtpRule): string {
  const query = [
    ['algorithm', rule.algorithm],
    ['digits', String(rule.digits)],
    ['issuer', issuer],
    ['period', String(periodOf(rule))],
    ['secret', secret],
  ].map(([name, value]) => `${name}=${escapePathSegment(value!)}`);
  return `otpauth://totp/${escapePath(`${issuer}:${account}`)}?${query.join('&')}`;
}

/** Pixels and bytes. Upstream makes whatever is asked for, and dies of it; here the making must not stop the server. */
const LARGEST_PICTURE = 4_096;
const LONGEST_KEY = 65_536;

/** What is wrong with the size of a key or of its picture, beyond what upstream minds. */
export function otpSizeFault(keyBytes: number, pictureWidth: number): string | undefined {
  if (keyBytes > LONGEST_KEY) return `key_size cannot be greater than ${LONGEST_KEY}`;
  if (pictureWidth > LARGEST_PICTURE) return `qr_size cannot be greater than ${LARGEST_PICTURE}`;
  return undefined;
}

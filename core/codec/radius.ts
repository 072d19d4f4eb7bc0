/** RADIUS packets (RFC 2865): their form, the hiding of passwords, and the proof that an answer is one. */
import type { Crypto } from '../crypto/crypto.ts';
import { concatBytes, equalBytes, noBytes } from './bytes.ts';

export const ACCESS_REQUEST = 1;
export const ACCESS_ACCEPT = 2;
export const ACCESS_REJECT = 3;

export const USER_NAME = 1;
export const USER_PASSWORD = 2;
export const NAS_PORT = 5;
export const NAS_IDENTIFIER = 32;

const HEAD = 20;
const LONGEST = 4096;
const BLOCK = 16;

export interface RadiusAttribute {
  readonly type: number;
  /** At most 253 bytes. */
  readonly value: Uint8Array;
}

export interface RadiusPacket {
  readonly code: number;
  readonly identifier: number;
  /** 16 bytes: chance in a request, a proof in an answer. */
  readonly authenticator: Uint8Array;
  readonly attributes: readonly RadiusAttribute[];
}

type Hashing = Pick<Crypto, 'hash'>;

export function encodeRadius({ code, identifier, authenticator, attributes }: RadiusPacket): Uint8Array {
  const body = concatBytes(
    ...attributes.map(({ type, value }) => concatBytes(Uint8Array.of(type, value.length + 2), value)),
  );
  const length = HEAD + body.length;
  return concatBytes(Uint8Array.of(code, identifier, length >>> 8, length & 0xff), authenticator, body);
}

/** Undefined for what is none; bytes behind the length that it says are padding. */
export function decodeRadius(bytes: Uint8Array): RadiusPacket | undefined {
  if (bytes.length < HEAD) return undefined;
  const length = (bytes[2]! << 8) | bytes[3]!;
  if (length < HEAD || length > LONGEST || length > bytes.length) return undefined;
  const attributes: RadiusAttribute[] = [];
  for (let at = HEAD; at < length;) {
    const end = at + (bytes[at + 1] ?? 0);
    if (end < at + 2 || end > length) return undefined;
    attributes.push({ type: bytes[at]!, value: bytes.subarray(at + 2, end) });
    at = end;
  }
  return { code: bytes[0]!, identifier: bytes[1]!, authenticator: bytes.subarray(4, HEAD), attributes };
}

/** Zeros fill the last block, so that a password that ends in some is not told from one that does not. */
export function hidePassword(
  crypto: Hashing,
  password: Uint8Array,
  secret: Uint8Array,
  authenticator: Uint8Array,
): Uint8Array {
  const hidden = new Uint8Array(Math.max(1, Math.ceil(password.length / BLOCK)) * BLOCK);
  hidden.set(password);
  let before = authenticator;
  for (let at = 0; at < hidden.length; at += BLOCK) {
    const block = hidden.subarray(at, at + BLOCK);
    const mask = crypto.hash('md5', secret, before);
    for (let i = 0; i < BLOCK; i++) block[i]! ^= mask[i]!;
    before = block;
  }
  return hidden;
}

/** Without the zeros at its end. */
export function revealPassword(
  crypto: Hashing,
  hidden: Uint8Array,
  secret: Uint8Array,
  authenticator: Uint8Array,
): Uint8Array {
  const password = hidden.slice();
  let before = authenticator;
  for (let at = 0; at + BLOCK <= hidden.length; at += BLOCK) {
    const mask = crypto.hash('md5', secret, before);
    for (let i = 0; i < BLOCK; i++) password[at + i]! ^= mask[i]!;
    before = hidden.subarray(at, at + BLOCK);
  }
  return password.subarray(0, password.findLastIndex((byte) => byte !== 0) + 1);
}

const proof = (crypto: Hashing, answer: Uint8Array, request: Uint8Array, secret: Uint8Array): Uint8Array =>
  crypto.hash('md5', answer.subarray(0, 4), request.subarray(4, HEAD), answer.subarray(HEAD), secret);

/** Whether who answers has seen the request and knows the secret. Both are packets as they travel. */
export const isAnswerTo = (crypto: Hashing, answer: Uint8Array, request: Uint8Array, secret: Uint8Array): boolean =>
  equalBytes(answer.subarray(4, HEAD), proof(crypto, answer, request, secret));

/** A packet that answers another, with its proof. */
export function encodeAnswer(
  crypto: Hashing,
  code: number,
  attributes: readonly RadiusAttribute[],
  request: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  const authenticator = new Uint8Array(BLOCK);
  const answer = encodeRadius({ code, identifier: request[1]!, authenticator, attributes });
  answer.set(proof(crypto, answer, request, secret), 4);
  return answer;
}

/** The first of its type; empty when there is none. */
export const attributeOf = ({ attributes }: RadiusPacket, type: number): Uint8Array =>
  attributes.find((attribute) => attribute.type === type)?.value ?? noBytes;

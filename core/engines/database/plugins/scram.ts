/** A password as PostgreSQL stores it (RFC 5803), so that it never sees the password itself. */
import { encodeBase64 } from '../../../codec/base64.ts';
import { concatBytes } from '../../../codec/bytes.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import type { Runtime } from '../../../runtime.ts';

const ITERATIONS = 4096;
const SALT = 16;

export function scramVerifier(password: string, { crypto, random }: Pick<Runtime, 'crypto' | 'random'>): string {
  const hmac = (key: Uint8Array, text: Uint8Array): Uint8Array => crypto.hmac('sha256', key, text);
  const key = encodeUtf8(password);
  const salt = random.bytes(SALT);
  let block = hmac(key, concatBytes(salt, Uint8Array.of(0, 0, 0, 1)));
  const salted = Uint8Array.from(block);
  for (let i = 1; i < ITERATIONS; i++) {
    block = hmac(key, block);
    for (let at = 0; at < salted.length; at++) salted[at]! ^= block[at]!;
  }
  const stored = crypto.hash('sha256', hmac(salted, encodeUtf8('Client Key')));
  const server = hmac(salted, encodeUtf8('Server Key'));
  return `SCRAM-SHA-256$${ITERATIONS}:${encodeBase64(salt)}$${encodeBase64(stored)}:${encodeBase64(server)}`;
}

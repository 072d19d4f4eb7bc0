/** Random bytes and hashes for clients, as `sys/tools` and transit both offer them. */
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { goAtoi } from '../codec/go-atoi.ts';
import { encodeHex } from '../codec/hex.ts';
import type { Crypto, HashName } from '../crypto/crypto.ts';
import { refuse } from '../fault.ts';
import type { Random } from '../runtime.ts';
import { field } from './field.ts';
import { reply, type Answer } from './reply.ts';

const maxBytes = 128 * 1024;

export const randomFields = {
  bytes: field.int('How many bytes.', { default: 32 }),
  format: field.string('"hex" or "base64".', { default: 'base64' }),
};

const noSealEntropy = 'no seal/entropy augmentation available, using platform entropy source';

interface RandomInput {
  readonly bytes: number;
  readonly format: string;
}

/** `urlbytes` wins over `bytes`; '' means not given. */
export function madeRandom(random: Random, { bytes, format }: RandomInput, urlbytes: string, source: string): Answer {
  const count = urlbytes === '' ? bytes : parseCount(urlbytes);
  if (count < 1) throw refuse("'bytes' cannot be less than 1");
  if (count > maxBytes) throw refuse(`'bytes' should be less than ${maxBytes}`);
  if (format !== 'hex' && format !== 'base64') {
    throw refuse(`unsupported encoding format "${format}"; must be "hex" or "base64"`);
  }
  if (source !== '' && source !== 'platform' && source !== 'seal' && source !== 'all') {
    throw refuse(`unsupported entropy source "${source}"; must be "platform" or "seal", or "all"`);
  }
  const made = random.bytes(count);
  const data = { random_bytes: format === 'hex' ? encodeHex(made) : encodeBase64(made) };
  return source === 'seal' ? reply({ data, warnings: [noSealEntropy] }) : data;
}

function parseCount(text: string): number {
  const count = goAtoi(text);
  if (typeof count === 'string') throw refuse(`error parsing url-set byte count: ${count}`);
  return count;
}

export const hashFields = {
  input: field.string('Data, in base64.', { default: '' }),
  algorithm: field.string('sha2-224 … sha2-512 or sha3-224 … sha3-512.', { default: 'sha2-256' }),
  format: field.string('"hex" or "base64".', { default: 'hex' }),
};

/** By the names that clients know them under. */
export const CLIENT_HASHES: Readonly<Record<string, HashName>> = {
  'sha2-224': 'sha224',
  'sha2-256': 'sha256',
  'sha2-384': 'sha384',
  'sha2-512': 'sha512',
  'sha3-224': 'sha3-224',
  'sha3-256': 'sha3-256',
  'sha3-384': 'sha3-384',
  'sha3-512': 'sha3-512',
};

/** Of an input in base64. */
export function hashed(crypto: Crypto, input: string, format: string, algorithm: string): Answer {
  let data: Uint8Array;
  try {
    data = decodeBase64(input);
  } catch (error) {
    throw refuse(`unable to decode input as base64: ${error instanceof Error ? error.message : ''}`);
  }
  if (format !== 'hex' && format !== 'base64') {
    throw refuse(`unsupported encoding format ${format}; must be "hex" or "base64"`);
  }
  if (!Object.hasOwn(CLIENT_HASHES, algorithm)) throw refuse(`unsupported algorithm ${algorithm}`);
  const sum = crypto.hash(CLIENT_HASHES[algorithm]!, data);
  return { sum: format === 'hex' ? encodeHex(sum) : encodeBase64(sum) };
}

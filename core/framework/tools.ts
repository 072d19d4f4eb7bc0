/** Random bytes and hashes for clients, as `sys/tools` and transit both offer them. */
import { quote } from '../codec/go-quote.ts';
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
  source: field.string('Where the bytes come from: "platform", "seal" or "all".', {
    always: true,
    documented: 'platform',
  }),
  urlbytes: field.string('How many bytes, in the URL.', { always: true }),
};

const noSealEntropy = 'no seal/entropy augmentation available, using platform entropy source';

interface RandomInput {
  readonly bytes: number;
  readonly format: string;
  readonly source: string;
  readonly urlbytes: string;
}

const SOURCES = new Set(['', 'platform', 'seal', 'all']);

/** The URL's number wins. One part of a URL alone is a source if it is the name of one, and else a number. */
export function madeRandom(random: Random, input: RandomInput): Answer {
  const { bytes, format } = input;
  const lone = input.urlbytes === '' && !SOURCES.has(input.source);
  // A number whose source could not be one, as "a b/5", is not looked at.
  const [source, urlbytes] = lone ? ['', input.source] : [input.source, input.source === '' ? '' : input.urlbytes];
  const count = urlbytes === '' ? bytes : parseCount(urlbytes);
  if (count < 1) throw refuse("'bytes' cannot be less than 1");
  if (count > maxBytes) throw refuse(`'bytes' should be less than ${maxBytes}`);
  if (format !== 'hex' && format !== 'base64') {
    throw refuse(`unsupported encoding format ${quote(format)}; must be "hex" or "base64"`);
  }
  if (!SOURCES.has(source)) {
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
  input: field.string('Data, in base64.'),
  algorithm: field.string('sha2-224 … sha2-512 or sha3-224 … sha3-512.', { default: 'sha2-256' }),
  format: field.string('"hex" or "base64".', { default: 'hex' }),
  urlalgorithm: field.string('The hash, in the URL.', { always: true }),
};

interface HashInput {
  readonly input: string | undefined;
  readonly algorithm: string;
  readonly format: string;
  readonly urlalgorithm: string;
}

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

export function hashed(crypto: Crypto, { input = '', algorithm, format, urlalgorithm }: HashInput): Answer {
  let data: Uint8Array;
  try {
    data = decodeBase64(input);
  } catch (error) {
    throw refuse(`unable to decode input as base64: ${error instanceof Error ? error.message : ''}`);
  }
  if (format !== 'hex' && format !== 'base64') {
    throw refuse(`unsupported encoding format ${format}; must be "hex" or "base64"`);
  }
  const name = urlalgorithm === '' ? algorithm : urlalgorithm;
  if (!Object.hasOwn(CLIENT_HASHES, name)) throw refuse(`unsupported algorithm ${name}`);
  const sum = crypto.hash(CLIENT_HASHES[name]!, data);
  return { sum: format === 'hex' ? encodeHex(sum) : encodeBase64(sum) };
}

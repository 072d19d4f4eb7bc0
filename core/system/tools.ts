/** sys/tools: random bytes and hashes for clients. */
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { encodeHex } from '../codec/hex.ts';
import { goAtoi } from './go-atoi.ts';
import type { HashName } from '../crypto/crypto.ts';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import { refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import type { Crypto } from '../crypto/crypto.ts';
import type { Random } from '../runtime.ts';
import { systemPaths } from './context.ts';

const maxBytes = 128 * 1024;

const randomFields = {
  bytes: field.int('How many bytes.', { default: 32 }),
  format: field.string('"hex" or "base64".', { default: 'base64' }),
};

const noSealEntropy = 'no seal/entropy augmentation available, using platform entropy source';

const sha2: Readonly<Record<string, HashName>> = {
  'sha2-224': 'sha224',
  'sha2-256': 'sha256',
  'sha2-384': 'sha384',
  'sha2-512': 'sha512',
};
const sha3 = { 'sha3-224': sha3_224, 'sha3-256': sha3_256, 'sha3-384': sha3_384, 'sha3-512': sha3_512 } as const;

interface RandomInput {
  readonly bytes: number;
  readonly format: string;
}

function makeRandom(random: Random, { bytes, format }: RandomInput, urlbytes: string, source: string) {
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

const hashFields = {
  input: field.string('Data, in base64.', { default: '' }),
  algorithm: field.string('sha2-224 … sha2-512 or sha3-224 … sha3-512.', { default: 'sha2-256' }),
  format: field.string('"hex" or "base64".', { default: 'hex' }),
};

function digest(crypto: Crypto, input: { input: string; format: string }, algorithm: string) {
  let data: Uint8Array;
  try {
    data = decodeBase64(input.input);
  } catch (error) {
    throw refuse(`unable to decode input as base64: ${error instanceof Error ? error.message : ''}`);
  }
  if (input.format !== 'hex' && input.format !== 'base64') {
    throw refuse(`unsupported encoding format ${input.format}; must be "hex" or "base64"`);
  }
  const sum = hashWith(crypto, algorithm, data);
  return { sum: input.format === 'hex' ? encodeHex(sum) : encodeBase64(sum) };
}

function hashWith(crypto: Crypto, algorithm: string, data: Uint8Array): Uint8Array {
  if (Object.hasOwn(sha2, algorithm)) return crypto.hash(sha2[algorithm]!, data);
  if (Object.hasOwn(sha3, algorithm)) return sha3[algorithm as keyof typeof sha3](data);
  throw refuse(`unsupported algorithm ${algorithm}`);
}

export const toolPaths = systemPaths()
  .path('tools/hash', 'Hashes data.', hashFields, {
    update: {
      about: 'The hash of the input.',
      run: (input, { runtime }) => digest(runtime.crypto, input, input.algorithm),
    },
  })
  .path('tools/hash/:urlalgorithm', 'Hashes data.', hashFields, {
    update: {
      about: 'The hash of the input.',
      run: ({ urlalgorithm, ...input }, { runtime }) => digest(runtime.crypto, input, urlalgorithm),
    },
  })
  .path('tools/random', 'Random bytes.', randomFields, {
    update: { about: 'Make random bytes.', run: (input, { random }) => makeRandom(random, input, '', '') },
  })
  .path('tools/random/:source{(platform|seal|all)}', 'Random bytes.', randomFields, {
    update: {
      about: 'Make random bytes.',
      run: ({ source, ...input }, { random }) => makeRandom(random, input, '', source),
    },
  })
  .path('tools/random/:source/:urlbytes', 'Random bytes.', randomFields, {
    update: {
      about: 'Make random bytes.',
      run: ({ source, urlbytes, ...input }, { random }) => makeRandom(random, input, urlbytes, source),
    },
  })
  .path('tools/random/:urlbytes{.+}', 'Random bytes.', randomFields, {
    update: {
      about: 'Make random bytes.',
      run: ({ urlbytes, ...input }, { random }) => makeRandom(random, input, urlbytes.split('/').at(-1) ?? '', ''),
    },
  });

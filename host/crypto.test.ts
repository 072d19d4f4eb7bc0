import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gcm } from '@noble/ciphers/aes.js';
import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { cryptoContract } from '../core/crypto/contract.ts';
import type { Crypto, EcdsaKey, HashName } from '../core/crypto/crypto.ts';
import { drbg } from '../core/crypto/drbg.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import { bcryptInWorker } from './bcrypt-pool.ts';
import { nodeCrypto } from './crypto.ts';
import { rsaByNode } from './rsa.ts';

const node = nodeCrypto();
const portable = portableCrypto();
const bytes = (maxLength = 300) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hashName = fc.constantFrom<HashName>(
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-256',
  'sha3-512',
  'md5',
);

const both = (run: (crypto: Crypto) => unknown): void => expect(run(node)).toEqual(run(portable));

describe("node's crypto", () => {
  for (const { name, check } of cryptoContract) it(name, () => check(node));
});

describe('bcrypt in a worker', () => {
  const crypto = nodeCrypto(bcryptInWorker());
  for (const { name, check } of cryptoContract.filter(({ name }) => name.startsWith('bcrypt')))
    it(name, () => check(crypto));
});

describe('RSA keys', () => {
  it('leave threads to those who sync a file meanwhile', async () => {
    const file = await open(fileURLToPath(import.meta.url));
    const settled: string[] = [];
    const work = [
      ...Array.from({ length: 5 }, async () => {
        await rsaByNode(2048, drbg(Uint8Array.of(1)));
        settled.push('key');
      }),
      file.datasync().then(() => settled.push('file')),
    ];
    await Promise.all(work);
    await file.close();
    expect(settled[0]).toBe('file');
    expect(settled).toHaveLength(6);
  }, 120_000);
});

describe('node and portable give the same bytes', () => {
  it("for RSA, with a real key of node's", async () => {
    const key = await rsaByNode(2048, drbg(Uint8Array.of(1)));
    const digest = node.hash('sha384', Uint8Array.of(1, 2, 3));
    both((crypto) => crypto.rsaSign(key, 'sha384', digest));
    both((crypto) => crypto.rsaVerify(key, 'sha384', digest, node.rsaSign(key, 'sha384', digest)));
  });

  prop.prop([exactly(32), bytes()], { numRuns: 20 })('for Ed25519', (seed, message) => {
    both((crypto) => crypto.ed25519Public(seed));
    both((crypto) => crypto.ed25519Sign(seed, message));
    both((crypto) => crypto.ed25519Verify(node.ed25519Public(seed), message, node.ed25519Sign(seed, message)));
  });

  prop.prop([fc.constantFrom(16, 24, 32).chain(exactly), exactly(12), bytes(2000), bytes(), fc.nat(40)])(
    'for AES-GCM',
    (key, nonce, plain, aad, room) => {
      both((crypto) => crypto.aesGcm(key).seal(nonce, plain, aad, room));
      const sealed = node.aesGcm(key).seal(nonce, plain, aad);
      both((crypto) => crypto.aesGcm(key).open(nonce, sealed, aad));
    },
  );

  prop.prop([fc.constantFrom(16, 24, 32).chain(exactly), exactly(24), fc.nat(5), exactly(5 * 16)])(
    'for chained blocks of AES and triple DES',
    (aes, des3, blocks, text) => {
      for (const [cipher, key] of [['aes', aes] as const, ['des3', des3] as const]) {
        const whole = text.subarray(0, blocks * 16);
        both((crypto) => crypto.cbcEncrypt(cipher, key, whole));
        both((crypto) => crypto.cbcDecrypt(cipher, key, whole));
      }
    },
  );

  prop.prop([fc.constantFrom(16, 24, 32).chain(exactly), exactly(12), bytes(1200), bytes()])(
    "for AES-GCM, which are noble's",
    (key, nonce, plain, aad) => {
      expect(node.aesGcm(key).seal(nonce, plain, aad)).toEqual(gcm(key, nonce, aad).encrypt(plain));
    },
  );

  prop.prop([exactly(32), exactly(24), bytes(600), bytes()], { numRuns: 20 })(
    'for ChaCha20, XChaCha20 and wrapped keys',
    (key, nonce, plain, aad) => {
      const wrapped = plain.length === 0 ? aad : plain;
      both((crypto) => crypto.chacha20Poly1305(key).seal(nonce.subarray(0, 12), plain, aad));
      both((crypto) => crypto.xchacha20Poly1305(key).seal(nonce, plain, aad));
      if (wrapped.length > 0) both((crypto) => crypto.wrapKey(key, wrapped));
      both((crypto) => crypto.wrapBlocks(key, new Uint8Array([...key, ...nonce])));
      both((crypto) => crypto.cfbEncrypt(key, plain));
    },
  );

  prop.prop([hashName, bytes(), fc.array(bytes(), { maxLength: 4 }), bytes(), bytes(), fc.nat(200)])(
    'for hashes, HMAC and HKDF',
    (name, key, parts, salt, info, length) => {
      both((crypto) => crypto.hash(name, ...parts));
      both((crypto) => crypto.hmac(name, key, ...parts));
      both((crypto) => crypto.hkdf(name, key, salt, info, length));
    },
  );

  prop.prop(
    [fc.constantFrom<EcdsaKey['curve']>('p224', 'p256', 'p384', 'p521'), exactly(32), bytes(64), hashName, bytes(40)],
    {
      numRuns: 24,
    },
  )('for ECDSA', (curve, seed, message, hash, entropy) => {
    both((crypto) => crypto.ecdsaGenerate(curve, drbg(seed)));
    const key = portable.ecdsaGenerate(curve, drbg(seed));
    both((crypto) => crypto.ecdsaPublic(key));
    both((crypto) => crypto.ecdsaSign(key, crypto.hash(hash, message), entropy));
  });
});

/** The part of the contract of `Crypto` about raw RSA with its paddings, ECDH and ML-DSA. */
import { assert } from '../assert.ts';
import { equalBytes } from '../codec/bytes.ts';
import { decodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { same, type CryptoCheck } from './check.contract.ts';
import type { Crypto, RsaKey } from './crypto.ts';
import {
  longestOaep,
  longestPssSalt,
  oaepDecrypt,
  oaepEncrypt,
  pkcs1Decrypt,
  pkcs1Encrypt,
  pssSign,
  pssVerify,
  rsaBits,
  rsaSignBare,
  rsaVerifyBare,
} from './rsa-schemes.ts';

const hex = decodeHex;
const message = encodeUtf8('sample');
const filled = (length: number): Uint8Array => new Uint8Array(length).fill(3);
const testKey = (crypto: Crypto): Promise<RsaKey> => crypto.rsaGenerate(2048, filled);

/** SHA-256 of the public keys of the seed 07 … 07, as openssl gives them. */
const mlDsaPublic = [
  [44, '86c769d3b468de487eb9a09f242f7fa0b997a07ef4ded49627e7bf9539f28b62'],
  [65, 'd3a1e51ecf491b79ca7691bd269271f8d8e8d94313a6abcc6c8ae8bc34b5f9aa'],
  [87, '9e1e860361994891b3165e611dc5aefcdd37dfbf5f247943daaeb57141fe7b6e'],
] as const;

export const asymmetricContract: readonly CryptoCheck[] = [
  {
    name: 'RSA-PSS signs with the given salt and verifies with its length, any length and no other',
    async check(crypto) {
      const key = await testKey(crypto);
      assert(rsaBits(key) === 2048, 'the key has 2048 bits');
      for (const hash of ['sha1', 'sha256', 'sha512', 'sha3-256'] as const) {
        const digest = crypto.hash(hash, message);
        for (const length of [0, 20, longestPssSalt(key, hash)]) {
          const signature = pssSign(crypto, key, hash, digest, filled(length));
          assert(signature !== undefined && signature.length === 256, `${hash} signs with a salt of ${length}`);
          assert(pssVerify(crypto, key, hash, digest, signature, length), `${hash} verifies`);
          assert(pssVerify(crypto, key, hash, digest, signature, 'auto'), `${hash} verifies with any length`);
          assert(!pssVerify(crypto, key, hash, digest, signature, length + 1), `${hash} refuses another length`);
          assert(!pssVerify(crypto, key, hash, crypto.hash(hash), signature, 'auto'), `${hash} refuses another digest`);
          assert(!pssVerify(crypto, key, hash, digest, signature.slice(1), 'auto'), `${hash} refuses a stump`);
        }
        assert(pssSign(crypto, key, hash, digest, filled(longestPssSalt(key, hash) + 1)) === undefined, 'too long');
      }
      const digest = crypto.hash('sha256', message);
      const signature = pssSign(crypto, key, 'sha256', digest, filled(32))!;
      same(
        crypto.hash('sha256', signature),
        '3e0927b3af1f905f04b66fa34cd1a5ef035b7a7fdf73002ef32b731367b3bd69',
        'the signature of both implementations',
      );
    },
  },
  {
    name: 'RSA-OAEP and PKCS#1 v1.5 encrypt up to the longest message and decrypt',
    async check(crypto) {
      const key = await testKey(crypto);
      const label = encodeUtf8('label');
      for (const length of [0, 1, longestOaep(key, 'sha256')]) {
        const sealed = oaepEncrypt(crypto, key, 'sha256', filled(length), filled, label);
        const opened = oaepDecrypt(crypto, key, 'sha256', sealed, label);
        assert(opened !== undefined && equalBytes(opened, filled(length)), `OAEP opens ${length} bytes`);
        assert(oaepDecrypt(crypto, key, 'sha256', sealed) === undefined, 'OAEP refuses another label');
        assert(oaepDecrypt(crypto, key, 'sha1', sealed, label) === undefined, 'OAEP refuses another hash');
        assert(oaepDecrypt(crypto, key, 'sha256', sealed.slice(1), label) === undefined, 'OAEP refuses a stump');
      }
      for (const length of [0, 1, 245]) {
        const sealed = pkcs1Encrypt(crypto, key, filled(length), filled);
        const opened = pkcs1Decrypt(crypto, key, sealed);
        assert(opened !== undefined && equalBytes(opened, filled(length)), `PKCS#1 opens ${length} bytes`);
        sealed[9]! ^= 1;
        assert(pkcs1Decrypt(crypto, key, sealed) === undefined, 'PKCS#1 refuses a changed byte');
      }
    },
  },
  {
    name: 'RSA signs bare bytes without a DigestInfo',
    async check(crypto) {
      const key = await testKey(crypto);
      const signature = rsaSignBare(crypto, key, message);
      assert(rsaVerifyBare(crypto, key, message, signature), 'it verifies');
      assert(!rsaVerifyBare(crypto, key, encodeUtf8('other'), signature), 'other bytes are refused');
      assert(!rsaVerifyBare(crypto, key, new Uint8Array(246), signature), 'too many bytes are refused');
      assert(
        !rsaVerifyBare(crypto, key, message, new Uint8Array(256).fill(255)),
        'a number over the modulus is refused',
      );
    },
  },
  {
    name: 'ECDH gives the vectors of NIST and refuses points off the curve',
    check(crypto) {
      // CAVS 14.1, ECC CDH primitive, P-256, COUNT = 0.
      const key = {
        curve: 'p256' as const,
        secret: hex('7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534'),
      };
      const point = hex(
        '04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac',
      );
      const shared = crypto.ecdh(key, point);
      assert(shared !== undefined, 'the point is on the curve');
      same(shared, '46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b', 'shared');
      point[64]! ^= 1;
      assert(crypto.ecdh(key, point) === undefined, 'a point off the curve is refused');
      assert(crypto.ecdh(key, hex('04')) === undefined, 'a stump is refused');
    },
  },
  {
    name: "ML-DSA has openssl's keys, signs the same for the same bytes and verifies",
    check(crypto) {
      const seed = new Uint8Array(32).fill(7);
      for (const [level, expected] of mlDsaPublic) {
        const key = crypto.mlDsa.publicKey(level, seed);
        same(crypto.hash('sha256', key), expected, `the public key of ML-DSA-${level}`);
        const signature = crypto.mlDsa.sign(level, seed, message);
        assert(crypto.mlDsa.verify(level, key, message, signature), 'it verifies');
        assert(!crypto.mlDsa.verify(level, key, encodeUtf8('other'), signature), 'another message is refused');
        assert(!crypto.mlDsa.verify(level, key, message, signature.slice(1)), 'a stump is refused');
        assert(!crypto.mlDsa.verify(level, key.slice(1), message, signature), 'a broken key is refused');
      }
      const signed = crypto.mlDsa.sign(44, seed, message);
      assert(equalBytes(signed, crypto.mlDsa.sign(44, seed, message)), 'signing is deterministic');
      assert(!equalBytes(signed, crypto.mlDsa.sign(44, seed, message, filled(32))), 'unless given randomness');
    },
  },
];

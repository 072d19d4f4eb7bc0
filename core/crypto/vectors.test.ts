/**
 * Published vectors (Wycheproof's and NIST's, chosen from; the source stands in each file) against both
 * implementations. What a vector calls valid is taken and gives its bytes, what it calls invalid is refused, and what
 * it leaves open ends the same with both.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../host/crypto.ts';
import { concatBytes } from '../codec/bytes.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import { AuthenticationFailed, digestSize, type Aead, type Crypto, type EcdsaKey, type HashName } from './crypto.ts';
import { ecdsaSignatureFromDer } from './keys/ecdsa-signature.ts';
import type { PrivateKey } from './keys/key.ts';
import { parsePkcs8 } from './keys/private-container.ts';
import { curveSize } from './ecdsa.ts';
import { portableCrypto } from './portable.ts';
import { oaepDecrypt, pkcs1Decrypt, pssVerify } from './rsa-schemes.ts';

type Fields = Readonly<Record<string, string>>;
type Vector = Fields;
type Group = Readonly<Record<string, unknown>> & { readonly tests: readonly Vector[] };

const folder = new URL('vectors/', import.meta.url);
const groupsOf = (file: string): readonly Group[] =>
  (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { groups: Group[] }).groups;

/** What came out, in hexadecimal; undefined when it was refused. */
type Run = (crypto: Crypto, vector: Fields, group: Readonly<Record<string, string>>) => string | undefined;

const hex = (text: string): Uint8Array => decodeHex(text.length % 2 === 0 ? text : `0${text}`);
/** Without the zeros in front. */
const magnitude = (text: string): Uint8Array => hex(text.replace(/^0+/, ''));
const verdict = (good: boolean): string | undefined => (good ? 'verified' : undefined);
const padded = (bytes: Uint8Array, size: number): Uint8Array => concatBytes(new Uint8Array(size - bytes.length), bytes);
const rsaOf = (key: PrivateKey) => (key.kind === 'rsa' ? key.key : expect.fail('no RSA key'));
const shown = (bytes: Uint8Array | undefined): string | undefined => bytes && encodeHex(bytes);

const aead =
  (cipher: (crypto: Crypto, key: Uint8Array) => Aead): Run =>
  (crypto, { key, iv, aad, msg, ct, tag }) => {
    const own = cipher(crypto, hex(key!));
    const sealed = concatBytes(hex(ct!), hex(tag!));
    try {
      const opened = own.open(hex(iv!), sealed, hex(aad!));
      expect(encodeHex(own.seal(hex(iv!), opened, hex(aad!)))).toBe(encodeHex(sealed));
      expect(encodeHex(opened)).toBe(msg);
      return encodeHex(opened);
    } catch (error) {
      if (error instanceof AuthenticationFailed) return undefined;
      throw error;
    }
  };

const gcm = aead((crypto, key) => crypto.aesGcm(key));
const keyWrap: Run = (crypto, { key, msg, ct }) => {
  const opened = crypto.unwrapKey(hex(key!), hex(ct!));
  if (opened !== undefined) expect(encodeHex(crypto.wrapKey(hex(key!), hex(msg!)))).toBe(ct);
  return shown(opened);
};

const RUNS: Readonly<Record<string, Run>> = {
  'aes-gcm.json': gcm,
  'nist-aes-gcm.json': gcm,
  'chacha20-poly1305.json': aead((crypto, key) => crypto.chacha20Poly1305(key)),
  'xchacha20-poly1305.json': aead((crypto, key) => crypto.xchacha20Poly1305(key)),
  'aes-kwp.json': keyWrap,
  'nist-aes-kwp.json': keyWrap,
  'nist-hash.json': (crypto, { msg, digest }, { hash }) => {
    const found = encodeHex(crypto.hash(hash as HashName, hex(msg!)));
    expect(found).toBe(digest);
    return found;
  },
  'hmac.json': (crypto, { key, msg, tag }, { hash, tagSize }) => {
    const found = encodeHex(crypto.hmac(hash as HashName, hex(key!), hex(msg!)).subarray(0, Number(tagSize) / 8));
    return found === tag ? found : undefined;
  },
  'hkdf.json': (crypto, { ikm, salt, info, size, okm }, { hash }) => {
    // Nobody asks for more: what the engines derive has the size of a key.
    if (Number(size) > 255 * digestSize[hash as HashName]) return undefined;
    const found = encodeHex(crypto.hkdf(hash as HashName, hex(ikm!), hex(salt!), hex(info!), Number(size)));
    expect(found).toBe(okm);
    return found;
  },
  'ecdsa.json': (crypto, { msg, sig }, { curve, hash, key }) => {
    const raw = ecdsaSignatureFromDer(hex(sig!), curve as EcdsaKey['curve']);
    if (raw === undefined) return undefined;
    const digest = crypto.hash(hash as HashName, hex(msg!));
    return verdict(crypto.ecdsaVerify(curve as EcdsaKey['curve'], hex(key!), digest, raw));
  },
  'nist-ecdsa.json': (crypto, { msg, x, y, r, s }, { curve, hash }) => {
    const size = curveSize[curve as EcdsaKey['curve']];
    const [px, py, pr, ps] = [x, y, r, s].map((number) => padded(magnitude(number!), size));
    const point = concatBytes(Uint8Array.of(4), px!, py!);
    const digest = crypto.hash(hash as HashName, hex(msg!));
    return verdict(crypto.ecdsaVerify(curve as EcdsaKey['curve'], point, digest, concatBytes(pr!, ps!)));
  },
  'ecdh.json': (crypto, { public: point, private: secret, shared }, { curve }) => {
    const own = curve as EcdsaKey['curve'];
    const found = crypto.ecdh({ curve: own, secret: padded(magnitude(secret!), curveSize[own]) }, hex(point!));
    if (found !== undefined) expect(encodeHex(found)).toBe(shared);
    return shown(found);
  },
  'ed25519.json': (crypto, { msg, sig }, { key }) => verdict(crypto.ed25519Verify(hex(key!), hex(msg!), hex(sig!))),
  'rsa-pkcs1.json': (crypto, { msg, sig }, { hash, n, e }) => {
    const digest = crypto.hash(hash as HashName, hex(msg!));
    const key = { modulus: magnitude(n!), exponent: Number(e) };
    return verdict(crypto.rsaVerify(key, hash as HashName, digest, hex(sig!)));
  },
  'rsa-pss.json': (crypto, { msg, sig }, { hash, n, e, salt }) => {
    const digest = crypto.hash(hash as HashName, hex(msg!));
    const key = { modulus: magnitude(n!), exponent: Number(e) };
    return verdict(pssVerify(crypto, key, hash as HashName, digest, hex(sig!), Number(salt)));
  },
  'rsa-oaep.json': (crypto, { msg, ct, label }, { hash, key }) => {
    const opened = oaepDecrypt(crypto, rsaOf(parsePkcs8(hex(key!))), hash as HashName, hex(ct!), hex(label!));
    if (opened !== undefined) expect(encodeHex(opened)).toBe(msg);
    return shown(opened);
  },
  'rsa-pkcs1-decrypt.json': (crypto, { msg, ct }, { key }) => {
    const opened = pkcs1Decrypt(crypto, rsaOf(parsePkcs8(hex(key!))), hex(ct!));
    if (opened !== undefined) expect(encodeHex(opened)).toBe(msg);
    return shown(opened);
  },
  'ml-dsa.json': (crypto, { msg, sig }, { level, key }) =>
    verdict(crypto.mlDsa.verify(Number(level) as 44 | 65 | 87, hex(key!), hex(msg!), hex(sig!))),
};

const portable = portableCrypto();
const node = nodeCrypto();

test('every file of vectors has its run', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(RUNS).toSorted());
});

describe.each(Object.entries(RUNS))('%s', (file, run) => {
  const groups = groupsOf(file);
  test('as published, with noble and with Node', () => {
    const wrong: string[] = [];
    for (const group of groups) {
      for (const vector of group.tests) {
        const [a, b] = [portable, node].map((crypto) => run(crypto, vector as never, group as never));
        const taken = a !== undefined;
        const right = vector['result'] === 'acceptable' || taken === (vector['result'] === 'valid');
        if (a !== b || !right) wrong.push(`${vector.id} ${vector['comment'] ?? ''} ${vector['result']}: ${a} ${b}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** Where RFC 8032 leaves a choice, implementations differ: ours have to choose alike. */
test('Ed25519 keys of a small order sign nothing, with noble and with Node', () => {
  const small = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ].map(hex);
  const points = small.flatMap((key) => small.map((point) => [key, point] as const));
  for (const [key, point] of points) {
    const signature = concatBytes(point, new Uint8Array(32));
    const given = [key, Uint8Array.of(1), signature] as const;
    expect([portable, node].map((crypto) => crypto.ed25519Verify(...given))).toEqual([false, false]);
  }
});

/** The part of the contract of `Crypto` about ChaCha20 and wrapped keys. */
import { assert } from '../assert.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { refuses, same, type CryptoCheck } from './check.contract.ts';

const hex = decodeHex;

/** Of RFC 8439, section 2.8.2, and draft-irtf-cfrg-xchacha, appendix A.3. */
const sunscreen = encodeUtf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const aad = hex('50515253c0c1c2c3c4c5c6c7');
const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
const chacha =
  'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691';
const xchacha =
  'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49';

/** RFC 5649, section 6. */
const kek = hex('5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8');
const wraps = [
  {
    key: 'c37b7e6492584340bed12207808941155068f738',
    wrapped: '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a',
  },
  { key: '466f7250617369', wrapped: 'afbeb0f07dfbf5419200f2ccb50bb24f' },
];

/** Of RFC 3962, appendix B (with its last two blocks in their places), and NIST's example of triple DES. */
const chains = [
  {
    cipher: 'aes',
    key: '636869636b656e207465726979616b69',
    plain: '4920776f756c64206c696b65207468652047656e6572616c2047617527732043',
    sealed: '97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a8',
  },
  {
    cipher: 'des3',
    key: '0123456789abcdef23456789abcdef01456789abcdef0123',
    plain: '5468652071756663',
    sealed: 'a826fd8ce53b855f',
  },
] as const;

export const cipherContract: readonly CryptoCheck[] = [
  {
    name: 'ChaCha20-Poly1305 and XChaCha20-Poly1305 give the published vectors and open them',
    check(crypto) {
      const cases = [
        { cipher: crypto.chacha20Poly1305(key), nonce: hex('070000004041424344454647'), sealed: chacha },
        {
          cipher: crypto.xchacha20Poly1305(key),
          nonce: hex('404142434445464748494a4b4c4d4e4f5051525354555657'),
          sealed: xchacha,
        },
      ];
      for (const { cipher, nonce, sealed } of cases) {
        same(cipher.seal(nonce, sunscreen, aad), sealed, 'sealed');
        same(
          cipher.open(nonce, hex(sealed), aad),
          [...sunscreen].map((b) => b.toString(16).padStart(2, '0')).join(''),
          'opened',
        );
        const bent = hex(sealed);
        bent[5]! ^= 1;
        refuses(() => cipher.open(nonce, bent, aad), 'a changed byte');
        refuses(() => cipher.open(nonce, hex(sealed)), 'another AAD');
        refuses(() => cipher.open(nonce, hex(sealed).subarray(0, 15), aad), 'a stump');
        refuses(() => cipher.open(nonce.subarray(1), hex(sealed), aad), 'a short nonce');
      }
    },
  },
  {
    name: 'AES key wrap with padding gives the vectors of RFC 5649 and unwraps them',
    check(crypto) {
      for (const { key, wrapped } of wraps) {
        same(crypto.wrapKey(kek, hex(key)), wrapped, 'wrapped');
        const opened = crypto.unwrapKey(kek, hex(wrapped));
        assert(opened !== undefined, 'it unwraps');
        same(opened, key, 'unwrapped');
        const bent = hex(wrapped);
        bent[3]! ^= 1;
        assert(crypto.unwrapKey(kek, bent) === undefined, 'a changed byte is refused');
        assert(crypto.unwrapKey(kek, bent.subarray(1)) === undefined, 'a stump is refused');
      }
    },
  },
  {
    name: 'AES key wrap without padding gives the vector of RFC 3394 (4.6)',
    check(crypto) {
      const kek = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
      const key = hex('00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f');
      const wrapped = '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21';
      same(crypto.wrapBlocks(kek, key), wrapped, 'wrapped');
    },
  },
  {
    name: 'cipher feedback of zeros is what AES makes of zeros, and of that, and ends where the text does',
    check(crypto) {
      const sealed = '66e94bd4ef8a2c3b884cfa59ca342b2ef795bd4a52e29ed713d313fa20e98dbc';
      same(crypto.cfbEncrypt(new Uint8Array(16), new Uint8Array(32)), sealed, 'two blocks');
      same(crypto.cfbEncrypt(new Uint8Array(16), new Uint8Array(21)), sealed.slice(0, 42), 'a part of one');
    },
  },
  {
    name: 'chained blocks of AES and triple DES give the published vectors and come back',
    check(crypto) {
      for (const { cipher, key, plain, sealed } of chains) {
        same(crypto.cbcEncrypt(cipher, hex(key), hex(plain)), sealed, 'encrypted');
        same(crypto.cbcDecrypt(cipher, hex(key), hex(sealed)), plain, 'decrypted');
      }
      const key = hex('00112233445566778899aabbccddeeff0f1e2d3c4b5a6978');
      const plain = hex('000102030405060708090a0b0c0d0e0f1011121314151617');
      const sealed = '57904a5a9cb309a871bcfb6c88968e8335530213a10b5648';
      same(crypto.cbcEncrypt('des3', key, plain), sealed, 'three blocks of triple DES');
      same(crypto.cbcDecrypt('des3', key, hex(sealed)), encodeHex(plain), 'and back');
    },
  },
];

/**
 * What every implementation of `Crypto` has to give, as named checks that throw: published vectors first.
 * The tests beside each implementation run them all.
 */
import { assert } from '../assert.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { decodeHex, encodeHex } from '../codec/hex.ts';
import { asymmetricContract } from './asymmetric.contract.ts';
import { cipherContract } from './ciphers.contract.ts';
import { refuses, same, type CryptoCheck } from './check.contract.ts';
import { digestSize, type EcdsaKey, type HashName } from './crypto.ts';

const hex = decodeHex;

/** The GCM specification's test cases (McGrew and Viega, appendix B): 13 and 14 are AES-256, 4 and 10 have AAD. */
const gcmVectors = [
  { key: '00'.repeat(32), nonce: '00'.repeat(12), plain: '', aad: '', sealed: '530f8afbc74536b9a963b4f1c4cb738b' },
  {
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    plain: '00'.repeat(16),
    aad: '',
    sealed: 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    plain:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    sealed:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    plain:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    sealed:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
  },
];

const abc: Record<HashName, string> = {
  md5: '900150983cd24fb0d6963f7d28e17f72',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  sha224: '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7',
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  'sha3-224': 'e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf',
  'sha3-256': '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
  'sha3-384': 'ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25',
  'sha3-512':
    'b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0',
};

/** RFC 6979, appendix A.2.4 to A.2.7: the message "sample" under each curve's own hash. */
const ecdsaVectors: readonly { key: EcdsaKey; hash: HashName; point: string; signature: string }[] = [
  {
    key: { curve: 'p224', secret: hex('f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1') },
    hash: 'sha224',
    point:
      '0400cf08da5ad719e42707fa431292dea11244d64fc51610d94b130d6ceeab6f3debe455e3dbf85416f7030cbd94f34f2d6f232c69f3c1385a',
    signature:
      '1cdfe6662dde1e4a1ec4cdedf6a1f5a2fb7fbd9145c12113e6abfd3ea6694fd7718a21053f225d3f46197ca699d45006c06f871808f43ebc',
  },
  {
    key: { curve: 'p256', secret: hex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721') },
    hash: 'sha256',
    point:
      '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    signature:
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  },
  {
    key: {
      curve: 'p384',
      secret: hex('6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5'),
    },
    hash: 'sha384',
    point:
      '04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720',
    signature:
      '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  },
  {
    key: {
      curve: 'p521',
      secret: hex(
        '00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538',
      ),
    },
    hash: 'sha512',
    point:
      '0401894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a400493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5',
    signature:
      '00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a',
  },
];

/** From the test suites of jBCrypt and crypt_blowfish, checked against libcrypt. */
const bcryptVectors = [
  { password: '', hash: '$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.' },
  { password: 'a', hash: '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe' },
  { password: 'abc', hash: '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i' },
  { password: 'U*U', hash: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' },
];

/** SHA-256 of openssl's signature of the SHA-256 of "sample". */
const rsaVector = 'def901645635273fed5144b71af670c1be56bcf35dd56ae62090d8880fc5b373';

export const cryptoContract: readonly CryptoCheck[] = [
  ...cipherContract,
  ...asymmetricContract,
  {
    name: 'AES-GCM gives the vectors of the specification and opens them',
    check(crypto) {
      for (const { key, nonce, plain, aad, sealed } of gcmVectors) {
        const cipher = crypto.aesGcm(hex(key));
        same(cipher.seal(hex(nonce), hex(plain), hex(aad)), sealed, 'sealed');
        same(cipher.open(hex(nonce), hex(sealed), hex(aad)), plain, 'opened');
        same(cipher.seal(hex(nonce), hex(plain), hex(aad), 5), '00'.repeat(5) + sealed, 'sealed with room');
      }
    },
  },
  {
    name: 'AES-GCM refuses a changed byte, another AAD and what is too short',
    check(crypto) {
      const cipher = crypto.aesGcm(new Uint8Array(32).fill(7));
      const nonce = new Uint8Array(12);
      const sealed = cipher.seal(nonce, encodeUtf8('secret'), encodeUtf8('path'));
      for (let i = 0; i < sealed.length; i++) {
        const bent = sealed.slice();
        bent[i]! ^= 1;
        refuses(() => cipher.open(nonce, bent, encodeUtf8('path')), `byte ${i} flipped`);
      }
      refuses(() => cipher.open(nonce, sealed, encodeUtf8('other')), 'another AAD');
      refuses(() => cipher.open(nonce, sealed), 'no AAD');
      refuses(() => cipher.open(nonce, sealed.subarray(0, 15), encodeUtf8('path')), 'a stump');
      refuses(() => cipher.open(new Uint8Array(3), sealed, encodeUtf8('path')), 'a short nonce');
      const large = cipher.seal(nonce, new Uint8Array(5000));
      refuses(() => cipher.open(nonce, large, encodeUtf8('other')), 'another AAD of a large one');
      large[4999]! ^= 128;
      refuses(() => cipher.open(nonce, large), 'a large one with a flipped bit');
    },
  },
  {
    name: 'a prepared key does not change with the bytes it was made from',
    check(crypto) {
      const key = new Uint8Array(32).fill(1);
      const cipher = crypto.aesGcm(key);
      const before = encodeHex(cipher.seal(new Uint8Array(12), encodeUtf8('x')));
      key.fill(0);
      same(cipher.seal(new Uint8Array(12), encodeUtf8('x')), before, 'sealed after the caller wiped its key');
    },
  },
  {
    name: 'hashes of "abc", whole and in parts',
    check(crypto) {
      for (const [name, expected] of Object.entries(abc) as [HashName, string][]) {
        same(crypto.hash(name, encodeUtf8('abc')), expected, name);
        same(crypto.hash(name, encodeUtf8('a'), encodeUtf8(''), encodeUtf8('bc')), expected, `${name} in parts`);
      }
      same(crypto.hash('md5'), 'd41d8cd98f00b204e9800998ecf8427e', 'md5 of nothing');
    },
  },
  {
    name: 'HMAC gives the vectors of RFC 4231, long keys too',
    check(crypto) {
      const vectors: [HashName, Uint8Array, string, string][] = [
        [
          'sha256',
          new Uint8Array(20).fill(11),
          'Hi There',
          'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
        ],
        [
          'sha256',
          encodeUtf8('Jefe'),
          'what do ya want for nothing?',
          '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
        ],
        [
          'sha256',
          new Uint8Array(131).fill(0xaa),
          'Test Using Larger Than Block-Size Key - Hash Key First',
          '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
        ],
        [
          'sha512',
          encodeUtf8('Jefe'),
          'what do ya want for nothing?',
          '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
        ],
      ];
      for (const [name, key, text, expected] of vectors) {
        same(crypto.hmac(name, key, encodeUtf8(text)), expected, name);
        same(
          crypto.hmac(name, key, encodeUtf8(text.slice(0, 3)), encodeUtf8(text.slice(3))),
          expected,
          `${name} in parts`,
        );
      }
    },
  },
  {
    name: 'HKDF gives the vectors of RFC 5869',
    check(crypto) {
      const secret = new Uint8Array(22).fill(11);
      const first = crypto.hkdf('sha256', secret, hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42);
      same(first, '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865', 'case 1');
      const third = crypto.hkdf('sha256', secret, new Uint8Array(0), new Uint8Array(0), 42);
      same(third, '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8', 'case 3');
    },
  },
  {
    name: 'equal compares contents and lengths',
    check(crypto) {
      assert(crypto.equal(hex('0102'), hex('0102')), 'equal bytes');
      assert(!crypto.equal(hex('0102'), hex('0103')), 'other bytes');
      assert(!crypto.equal(hex('0102'), hex('010200')), 'other length');
    },
  },
  {
    name: 'ECDSA signs as RFC 6979 and verifies',
    check(crypto) {
      for (const { key, hash, point, signature } of ecdsaVectors) {
        const digest = crypto.hash(hash, encodeUtf8('sample'));
        same(crypto.ecdsaPublic(key), point, `${key.curve} point`);
        same(crypto.ecdsaSign(key, digest), signature, `${key.curve} signature`);
        assert(crypto.ecdsaVerify(key.curve, hex(point), digest, hex(signature)), `${key.curve} verifies`);
        const verifies = (of: string, by: string, text = 'sample'): boolean =>
          crypto.ecdsaVerifyMessage(key.curve, hex(of), hash, encodeUtf8(text), hex(by));
        assert(verifies(point, signature), `${key.curve} verifies a message`);
        assert(!verifies(point, signature, 'other'), `${key.curve} refuses a message of another text`);
        assert(!verifies(point, '00'), `${key.curve} refuses a stump of a message`);
        assert(!verifies('0400', signature), `${key.curve} refuses a message's broken key`);
        const offCurve = point.slice(0, -1) + (point.endsWith('0') ? '1' : '0');
        assert(!verifies(offCurve, signature), `${key.curve} refuses a message's key off the curve`);
        for (const name of Object.keys(digestSize) as HashName[]) {
          const signed = crypto.ecdsaSign(key, crypto.hash(name, encodeUtf8('sample')));
          const ok = crypto.ecdsaVerifyMessage(key.curve, hex(point), name, encodeUtf8('sample'), signed);
          assert(ok, `${key.curve} verifies a message hashed with ${name}`);
        }
        const another = crypto.ecdsaSign(key, digest, hex('0102'));
        assert(!crypto.equal(another, hex(signature)), `${key.curve} takes its entropy`);
        assert(crypto.ecdsaVerify(key.curve, hex(point), digest, another), `${key.curve} verifies with entropy`);
        const other = crypto.hash(hash, encodeUtf8('other'));
        assert(
          !crypto.ecdsaVerify(key.curve, hex(point), other, hex(signature)),
          `${key.curve} refuses another message`,
        );
        assert(!crypto.ecdsaVerify(key.curve, hex(point), digest, hex('00')), `${key.curve} refuses a stump`);
        assert(
          !crypto.ecdsaVerify(key.curve, hex('0400'), digest, hex(signature)),
          `${key.curve} refuses a false point`,
        );
      }
    },
  },
  {
    name: 'ECDSA keys come from the given bytes and skip what is no scalar',
    check(crypto) {
      const draws: number[] = [];
      const random = (length: number): Uint8Array => {
        draws.push(length);
        return new Uint8Array(length).fill(draws.length === 1 ? 0xff : 0x17);
      };
      const key = crypto.ecdsaGenerate('p256', random);
      same(key.secret, '17'.repeat(32), 'the second candidate');
      assert(draws.length === 2, 'one candidate was thrown away');
      assert(crypto.ecdsaGenerate('p521', (n) => new Uint8Array(n).fill(0xfe)).secret[0] === 0, 'p521 has 521 bits');
    },
  },
  {
    name: 'RSA keys come from the random bytes, sign by PKCS#1 v1.5 and verify',
    async check(crypto) {
      const key = await crypto.rsaGenerate(2048, (length) => new Uint8Array(length).fill(3));
      const again = await crypto.rsaGenerate(2048, (length) => new Uint8Array(length).fill(3));
      assert(encodeHex(key.d) === encodeHex(again.d), 'the same bytes give the same key');
      for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
        const digest = crypto.hash(hash, encodeUtf8('sample'));
        const signature = crypto.rsaSign(key, hash, digest);
        assert(signature.length === 256, 'a signature is as long as the modulus');
        assert(crypto.rsaVerify(key, hash, digest, signature), `${hash} verifies`);
        assert(!crypto.rsaVerify(key, hash, crypto.hash(hash), signature), `${hash} refuses another digest`);
        assert(!crypto.rsaVerify(key, hash, digest, signature.slice(1)), `${hash} refuses a short signature`);
      }
      const digest = crypto.hash('sha256', encodeUtf8('sample'));
      // Made by openssl with this key.
      same(crypto.hash('sha256', crypto.rsaSign(key, 'sha256', digest)), rsaVector, 'the signature');
    },
  },
  {
    name: 'Ed25519 gives the vectors of RFC 8032 and verifies',
    check(crypto) {
      const seed = hex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
      const point = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025';
      const signature =
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a';
      same(crypto.ed25519Public(seed), point, 'public key');
      same(crypto.ed25519Sign(seed, hex('af82')), signature, 'signature');
      assert(crypto.ed25519Verify(hex(point), hex('af82'), hex(signature)), 'it verifies');
      assert(!crypto.ed25519Verify(hex(point), hex('af83'), hex(signature)), 'another message is refused');
      assert(!crypto.ed25519Verify(hex(point), hex('af82'), hex('00')), 'a stump is refused');
    },
  },
  {
    name: 'bcrypt gives the known vectors and verifies them',
    async check(crypto) {
      for (const { password, hash } of bcryptVectors) {
        assert(await crypto.bcryptVerify(encodeUtf8(password), hash), `${hash} verifies`);
        assert(!(await crypto.bcryptVerify(encodeUtf8(`${password}x`), hash)), `${hash} refuses another password`);
      }
      const salt = new Uint8Array(16);
      const made = await crypto.bcryptHash(encodeUtf8('pass'), 4, salt);
      assert(made.startsWith('$2a$04$......................') && made.length === 60, `${made} has the usual shape`);
      assert(await crypto.bcryptVerify(encodeUtf8('pass'), made), 'its own hash verifies');
      assert(!(await crypto.bcryptVerify(encodeUtf8('pass'), 'nonsense')), 'nonsense does not verify');
    },
  },
  {
    name: 'bcrypt refuses passwords over 72 bytes with the text of Go',
    async check(crypto) {
      const message = await crypto.bcryptHash(new Uint8Array(73), 4, new Uint8Array(16)).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
      assert(message === 'bcrypt: password length exceeds 72 bytes', message);
    },
  },
];

/** Published vectors, and what gokrb5 8.4.4 (which OpenBao has) encrypted, with both implementations of `Crypto`. */
import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../../host/crypto.ts';
import { decodeHex, encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { portableCrypto } from '../portable.ts';
import { ctsDecrypt, ctsEncrypt } from './cipher-text-stealing.ts';
import { checksumType, encryptionType } from './encryption-types.ts';
import { derive, tripleDes } from './simplified.ts';

const hex = decodeHex;

/** RFC 3962, appendix B: how much of the sentence, and what it gives. */
const SENTENCE = "I would like the General Gau's Chicken, please, and wonton soup.";
const STOLEN = [
  [17, 'c6353568f2bf8cb4d8a580362da7ff7f97'],
  [31, 'fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5'],
  [32, '39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584'],
  [47, '97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5'],
  [48, '97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8'],
  [
    64,
    '97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a84807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8',
  ],
] as const;

/** RFC 8009, appendix A: key, text, chance, what they give for use 2. */
const SHA2 = [
  [
    19,
    '3705d96080c17728a0e800eab6e0d23c',
    '',
    '7e5895eaf2672435bad817f545a37148',
    'ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718',
  ],
  [
    19,
    '3705d96080c17728a0e800eab6e0d23c',
    '000102030405',
    '7bca285e2fd4130fb55b1a5c83bc5b24',
    '84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c',
  ],
  [
    20,
    '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
    '',
    'f764e9fa15c276478b2c7d0c4e5f58e4',
    '41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac612748b9bbfbe7eb4ce3c',
  ],
  [
    20,
    '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
    '000102030405',
    'b80d3251c1f6471494256ffe712d0b9a',
    '4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b6092237526ea0d1f61cb20d69d10f2',
  ],
] as const;

/** Likewise, of checksums over the bytes 0 to 20. */
const SHA2_SUMS = [
  [19, '3705d96080c17728a0e800eab6e0d23c', 'd78367186643d67b411cba9139fc1dee'],
  [
    20,
    '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
    '45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a',
  ],
] as const;

/** RFC 3961, appendix A.3: key, purpose of use 1, the derived key. */
const DERIVED = [
  ['dce06b1f64c857a11c3db57c51899b2cc1791008ce973b92', 'integrity', '925179d04591a79b5d3192c4a7e9c289b049c71f6ee604cd'],
  [
    '5e13d31c70ef765746578531cb51c15bf11ca82c97cee9f2',
    'encryption',
    '9e58e5a146d9942a101c469845d67a20e3c4259ed913f207',
  ],
] as const;

/** Kind, key, the text below for use 2, the checksum of another for use 17. */
const OTHERS: readonly (readonly [id: number, key: string, sealed: string, sum: string])[] = [
  [
    16,
    '10161f252c323b5440494f575d646bab737980868f949d54',
    '117ed6701e4e023a6837c0e4b299eeb5a15d381b7f1631b97de67bd2d4e9001b6676f6877f42ba3b6a7fd3cfc507a51766f3e093bd7eeed8742b6e742b0b0e3dc58ffbf5',
    'a7622d73c3c64aa69f78f41ea6499f88e78c3c9c',
  ],
  [
    17,
    '11181f262d343b424950575e656c737a',
    '7b5259c87a9ee823d4633d1f556c9e4a973b0ff8c676f08393cd33ac2c14a14b11b552da7bfd251930f41aa60c839fe99cde7480fbd31081827c76bdefce7dccb2',
    '7cb6e52d830be7626879b028',
  ],
  [
    18,
    '121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4eb',
    '3cfb7ceff3205f35582b719ab03cac1aa5fc0265ab49b359381b61adc8c9eebdcd68e8cc628eea05b8670c7118c76a2676e6e2f778c802e49acd17f152e2e73453',
    '5ac90fe7050e23409b9862f2',
  ],
  [
    19,
    '131a21282f363d444b525960676e757c',
    'faddcc0f2c053a9ecae8ead05c874802add2de3cc16c9360780d4330793dfa4006089e60d51b26a3d563c49e2ac8a33f8ae7f3ad90f61f41670513baa94afe1b78a60d6c5c',
    'a3fe0479bcd3c8a1b6cde41a9be91487',
  ],
  [
    20,
    '141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6ed',
    'cdf981b6bdde1a54eb2c58dd8c7fb8c7ca3e25d8a6737f94abf84177d9319799cc669023031eed31399ea6ecd50df3d01b7ced7f047e604b9eb272b9f453326b670aa66ae0986ad04ad66aa6ca',
    'e2345584bccf2489046620c9e39f06da92466761e01eb27f',
  ],
  [
    23,
    '171e252c333a41484f565d646b727980',
    '2fc7995cf38c68ceeba23a0fd3cfc0c35cac0a0a91b970b98e3e6cd7537f34c1d3f3e4668b9802f77270bce779c1ea9c7da01e4d17a52e8e636a44f0fd',
    'dfd32ddb01f16298ef188fb5e0562504',
  ],
];
const TEXT = 'the text of a ticket, of 37 bytes____';

describe.each([
  ['noble', portableCrypto()],
  ['node', nodeCrypto()],
])('with %s', (_, crypto) => {
  test.each(STOLEN)('%i bytes give what RFC 3962 says, and come back', (length, sealed) => {
    const key = encodeUtf8('chicken teriyaki');
    const plain = encodeUtf8(SENTENCE).subarray(0, length);
    expect(encodeHex(ctsEncrypt(crypto, key, plain))).toBe(sealed);
    expect(encodeHex(ctsDecrypt(crypto, key, hex(sealed))!)).toBe(encodeHex(plain));
  });

  test.each(SHA2)('kind %i: what RFC 8009 encrypts', (id, key, plain, chance, sealed) => {
    const type = encryptionType(crypto, id)!;
    expect(encodeHex(type.encrypt(hex(key), 2, hex(plain), hex(chance)))).toBe(sealed);
    expect(encodeHex(type.decrypt(hex(key), 2, hex(sealed))!)).toBe(plain);
  });

  test.each(SHA2_SUMS)('kind %i: what RFC 8009 signs', (id, key, sum) => {
    const bytes = Uint8Array.from({ length: 21 }, (_one, i) => i);
    expect(encodeHex(checksumType(crypto, id)!.checksum(hex(key), 2, bytes)!)).toBe(sum);
  });

  test.each(DERIVED)('triple DES: the keys that RFC 3961 derives from %s', (key, purpose, derived) => {
    expect(encodeHex(derive(tripleDes(crypto), hex(key), 1, purpose))).toBe(derived);
  });

  test.each(OTHERS)('kind %i: what another implementation encrypted and signed', (id, key, sealed, sum) => {
    const type = encryptionType(crypto, id)!;
    const opened = type.decrypt(hex(key), 2, hex(sealed))!;
    expect(decodeUtf8(opened.subarray(0, TEXT.length))).toBe(TEXT);
    expect(opened.subarray(TEXT.length).every((byte) => byte === 0)).toBe(true);
    expect(encodeHex(type.checksum(hex(key), 17, encodeUtf8('data to sign'))!)).toBe(sum);
    const again = type.encrypt(hex(key), 11, opened, new Uint8Array(type.confounderSize).fill(9));
    expect(encodeHex(type.decrypt(hex(key), 11, again)!)).toBe(encodeHex(opened));
  });

  test.each(OTHERS)('kind %i: another use, a bent byte, a stump and another key are refused', (id, key, sealed) => {
    const type = encryptionType(crypto, id)!;
    expect(type.decrypt(hex(key), 11, hex(sealed))).toBeUndefined();
    for (const at of [0, 20, sealed.length / 2 - 1]) {
      const bent = hex(sealed);
      bent[at]! ^= 1;
      expect(type.decrypt(hex(key), 2, bent)).toBeUndefined();
    }
    for (const size of [0, 1, 8, 15, 16, 24, 30]) {
      expect(type.decrypt(hex(key), 2, hex(sealed).subarray(0, size))).toBeUndefined();
    }
    expect(type.decrypt(hex(key).fill(1), 2, hex(sealed))).toBeUndefined();
    expect(type.decrypt(hex(key).subarray(1), 2, hex(sealed))).toBeUndefined();
  });

  test('what nobody knows is no kind', () => {
    expect(encryptionType(crypto, 3)).toBeUndefined();
    expect(checksumType(crypto, 7)).toBeUndefined();
  });
});

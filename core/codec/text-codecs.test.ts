import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { decodeBase62, encodeBase62, randomBase62 } from './base62.ts';
import {
  Base64Error,
  decodeBase64,
  decodeBase64Raw,
  decodeBase64RawUrl,
  decodeBase64Url,
  encodeBase64,
  encodeBase64Raw,
  encodeBase64RawUrl,
  encodeBase64Url,
} from './base64.ts';
import { compareBytes, compareText, concatBytes, equalBytes, readUint32, writeUint32 } from './bytes.ts';
import { decodeHex, encodeHex, hexByDigits } from './hex.ts';
import { decodeUtf8, decodeUtf8Strict, encodeUtf8 } from './utf8.ts';
import { formatUuid, isUuid } from './uuid.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

describe('base64', () => {
  test.prop([bytes])('agrees with Node and reads back', (data) => {
    const buffer = Buffer.from(data);
    expect(encodeBase64(data)).toBe(buffer.toString('base64'));
    expect(encodeBase64RawUrl(data)).toBe(buffer.toString('base64url'));
    expect(equalBytes(decodeBase64(encodeBase64(data)), data)).toBe(true);
    expect(equalBytes(decodeBase64RawUrl(encodeBase64RawUrl(data)), data)).toBe(true);
    expect(equalBytes(decodeBase64Url(encodeBase64Url(data)), data)).toBe(true);
    expect(equalBytes(decodeBase64Raw(encodeBase64Raw(data)), data)).toBe(true);
  });

  // What Go's base64.StdEncoding.DecodeString answers.
  test.each([
    ['!', 0],
    ['A', 0],
    ['AA', 0],
    ['AAA', 0],
    ['AAAA=', 4],
    ['AA=A', 2],
    ['AAA=A', 4],
    ['AA==A', 4],
    ['AAAA!AAA', 4],
    ['QUJD*', 4],
    ['=AAA', 0],
  ])('%j is refused at byte %d', (text, at) => {
    expect(() => decodeBase64(text)).toThrow(new Base64Error(at));
  });

  test('line breaks do not count', () => {
    expect(decodeUtf8(decodeBase64('YW\nJ\r\nj'))).toBe('abc');
  });
});

describe('hexadecimal', () => {
  test.prop([bytes])('agrees with Node and reads back, in either case', (data) => {
    expect(encodeHex(data)).toBe(Buffer.from(data).toString('hex'));
    expect(hexByDigits(data)).toBe(encodeHex(data));
    expect(equalBytes(decodeHex(encodeHex(data).toUpperCase()), data)).toBe(true);
  });

  test('refusals are in Go’s words', () => {
    expect(() => decodeHex('0x')).toThrow("encoding/hex: invalid byte: U+0078 'x'");
    expect(() => decodeHex('abc')).toThrow('encoding/hex: odd length hex string');
  });
});

describe('base62', () => {
  test.prop([fc.uint8Array({ minLength: 1, maxLength: 60 })])('numbers read back', (data) => {
    data[0] = data[0]! | 1;
    expect(decodeBase62(encodeBase62(data))).toEqual(data);
  });

  test('random text has the asked length and only letters and digits', () => {
    let next = 0;
    const random = (length: number) => Uint8Array.from({ length }, () => (next += 37) % 256);
    expect(randomBase62(24, random)).toMatch(/^[0-9A-Za-z]{24}$/);
  });
});

describe('UTF-8', () => {
  test.prop([fc.string({ unit: 'binary' })])('agrees with Node on valid text', (text) => {
    const clean = Buffer.from(text).toString();
    expect(decodeUtf8(encodeUtf8(clean))).toBe(clean);
    expect(decodeUtf8Strict(encodeUtf8(clean))).toBe(clean);
  });

  test('each broken byte is replaced by itself', () => {
    expect(decodeUtf8(Uint8Array.from([0x61, 0xe2, 0x82, 0x62, 0xff, 0xc3, 0xa9]))).toBe('a\ufffd\ufffdb\ufffdé');
    expect(decodeUtf8Strict(Uint8Array.from([0xff]))).toBeUndefined();
  });
});

describe('bytes', () => {
  test.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])('texts sort like their bytes', (a, b) => {
    const [x, y] = [Buffer.from(a).toString(), Buffer.from(b).toString()];
    expect(Math.sign(compareText(x, y))).toBe(Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(Math.sign(compareBytes(encodeUtf8(x), encodeUtf8(y)))).toBe(Math.sign(compareText(x, y)));
  });

  test('parts join, numbers come back', () => {
    expect(concatBytes(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    const box = new Uint8Array(4);
    writeUint32(box, 0, 0xfffefdfc);
    expect(readUint32(box, 0)).toBe(0xfffefdfc);
  });

  test('sixteen bytes are a UUID, all of them', () => {
    const uuid = formatUuid(Uint8Array.from({ length: 16 }, (_, i) => i * 17));
    expect(uuid).toBe('00112233-4455-6677-8899-aabbccddeeff');
    expect(isUuid(uuid)).toBe(true);
    expect(isUuid('x')).toBe(false);
  });
});

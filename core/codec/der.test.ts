import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { der, element, TAG } from './der.ts';
import { DerError, DerReader } from './der-reader.ts';
import { decodeHex, encodeHex } from './hex.ts';
import { decodeOid, encodeOid } from './oid.ts';
import { decodePem, decodePems, encodePem } from './pem.ts';
import { encodeUtf8 } from './utf8.ts';

const bytes = fc.uint8Array({ maxLength: 400 });

describe('DER', () => {
  prop.prop([bytes, fc.nat(), fc.boolean(), fc.string({ unit: 'binary' })])(
    'gives back what it wrote',
    (octets, number, truth, text) => {
      const written = der.sequence(
        der.integer(octets),
        der.integer(number),
        der.octets(octets),
        der.bits(octets),
        der.explicit(3, der.boolean(truth)),
        der.utf8(text),
      );
      const outer = new DerReader(written);
      const parts = outer.sequence();
      outer.end();
      const start = octets.findIndex((byte) => byte !== 0);
      expect(parts.magnitude()).toEqual(start < 0 ? new Uint8Array(0) : octets.slice(start));
      expect(parts.integer()).toBe(number);
      expect(parts.octets()).toEqual(octets);
      expect(parts.bits()).toEqual(octets);
      expect(parts.explicit(4)).toBeUndefined();
      expect(parts.explicit(3)!.boolean()).toBe(truth);
      expect(new DerReader(element(TAG.utf8, encodeUtf8(text))).text()).toBe(parts.text());
      parts.end();
    },
  );

  prop.prop([bytes])('never fails with anything but DerError', (input) => {
    const walk = (reader: DerReader): void => {
      while (!reader.atEnd) {
        const { tag, contents } = reader.any();
        if (tag === TAG.sequence) walk(new DerReader(contents));
        if (tag === TAG.oid) decodeOid(contents);
      }
    };
    try {
      walk(new DerReader(input));
    } catch (error) {
      expect(error).toBeInstanceOf(DerError);
    }
  });

  it('sorts a set', () => {
    expect(encodeHex(der.set(der.integer(2), der.integer(1)))).toBe('3106020101020102');
  });

  it.each([
    ['04', 'truncated tag or length'],
    ['0402ff', 'data truncated'],
    ['048000', 'indefinite length'],
    ['048102ffff', 'non-minimal length'],
    ['04820002ffff', 'superfluous leading zeros'],
    ['1f810100', 'high tag'],
  ])('refuses %s: %s', (text, why) => expect(() => new DerReader(decodeHex(text)).any()).toThrow(why));

  it.each(['02020001', '0200', '0201ff'])('refuses the integer %s', (text) => {
    expect(() => new DerReader(decodeHex(text)).magnitude()).toThrow(DerError);
  });
});

describe('object identifiers', () => {
  it.each([
    ['1.2.840.113549.1.1.1', '2a864886f70d010101'],
    ['2.5.29.17', '551d11'],
    ['2.999.3', '883703'],
  ])('%s is read back', (dotted, contents) => {
    expect(encodeHex(encodeOid(dotted))).toBe(contents);
    expect(decodeOid(decodeHex(contents))).toBe(dotted);
  });

  it('have arcs of any size', () => {
    const dotted = '2.25.329800735698586629295641978511506172918';
    expect(decodeOid(encodeOid(dotted))).toBe(dotted);
  });

  it.each(['', '8001', '2a86'])('%s is none', (text) => expect(decodeOid(decodeHex(text))).toBeUndefined());
});

describe('PEM', () => {
  prop.prop([bytes])('gives back what it wrote, wherever it stands', (body) => {
    const text = encodePem('THING', body);
    expect(decodePem(`noise\n${text}rest`)).toEqual({
      block: { type: 'THING', headers: new Map(), bytes: body },
      rest: 'rest',
    });
    expect(decodePems(text + text)).toHaveLength(2);
  });

  it('reads headers and passes over what is no block', () => {
    const text = '-----BEGIN A-----\nnot base64!\n-----END A-----\n-----BEGIN B-----\nX: y\n\nAQI=\n-----END B-----\n';
    expect(decodePems(text)).toEqual([{ type: 'B', headers: new Map([['X', 'y']]), bytes: Uint8Array.of(1, 2) }]);
  });

  it.each([
    '',
    '-----BEGIN A-----',
    '-----BEGIN A-----\nAQI=\n-----END B-----\n',
    '-----BEGIN A\nAQI=\n-----END A-----',
  ])('finds nothing in %j', (text) => expect(decodePem(text)).toBeUndefined());
});

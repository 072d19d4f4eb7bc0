import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { decodeHex, encodeHex } from './hex.ts';
import { decodeTtlv, encodeTtlv, type Ttlv, TtlvError, ttlvLength } from './ttlv.ts';

/** The examples of KMIP 1.4, §9.1.2. */
const examples: readonly (readonly [Ttlv, string])[] = [
  [{ tag: 0x420020, type: 'integer', value: 8 }, '42002002000000040000000800000000'],
  [{ tag: 0x420020, type: 'long', value: 123456789000000000n }, '420020030000000801b69b4ba5749200'],
  [
    { tag: 0x420020, type: 'big', value: decodeHex('0000000003fd35eb6bc2df4618080000') },
    '42002004000000100000000003fd35eb6bc2df4618080000',
  ],
  [{ tag: 0x420020, type: 'enumeration', value: 255 }, '4200200500000004000000ff00000000'],
  [{ tag: 0x420020, type: 'boolean', value: true }, '42002006000000080000000000000001'],
  [{ tag: 0x420020, type: 'text', value: 'Hello World' }, '420020070000000b48656c6c6f20576f726c640000000000'],
  [{ tag: 0x420020, type: 'bytes', value: decodeHex('010203') }, '42002008000000030102030000000000'],
  [{ tag: 0x420020, type: 'time', value: 0x47da67f8n }, '42002009000000080000000047da67f8'],
  [{ tag: 0x420020, type: 'interval', value: 864000 }, '4200200a00000004000d2f0000000000'],
  [
    {
      tag: 0x420020,
      type: 'structure',
      value: [
        { tag: 0x420004, type: 'enumeration', value: 254 },
        { tag: 0x420005, type: 'integer', value: 255 },
      ],
    },
    '42002001000000204200040500000004000000fe000000004200050200000004000000ff00000000',
  ],
];

it('writes and reads the examples of the specification', () => {
  for (const [item, hex] of examples) {
    expect(encodeHex(encodeTtlv(item))).toBe(hex);
    expect(decodeTtlv(decodeHex(hex))).toStrictEqual(item);
    expect(ttlvLength(decodeHex(hex))).toBe(hex.length / 2);
  }
});

const tag = fc.integer({ min: 0x420001, max: 0x42ffff });
const bytes = fc.uint8Array({ maxLength: 40 });
const items = fc.letrec<{ item: Ttlv }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small' },
    fc.record({ tag, type: fc.constant('integer'), value: fc.integer() }),
    fc.record({ tag, type: fc.constantFrom('enumeration', 'interval'), value: fc.nat(0xffffffff) }),
    fc.record({
      tag,
      type: fc.constantFrom('long', 'time'),
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    fc.record({ tag, type: fc.constant('boolean'), value: fc.boolean() }),
    fc.record({ tag, type: fc.constant('text'), value: fc.string({ unit: 'binary' }) }),
    fc.record({ tag, type: fc.constantFrom('bytes', 'big'), value: bytes }),
    fc.record({ tag, type: fc.constant('structure'), value: fc.array(tie('item'), { maxLength: 4 }) }),
  ),
})).item;

test.prop([items])('what is written is read again, in as many bytes as its header says', (item) => {
  const written = encodeTtlv(item);
  expect(ttlvLength(written)).toBe(written.length);
  expect(decodeTtlv(written)).toEqual(item);
});

test.prop([items, fc.nat(), fc.uint8Array({ maxLength: 6 })])(
  'what is cut or changed is an item or a TtlvError',
  (item, at, noise) => {
    const broken = encodeTtlv(item).slice();
    broken.set(
      noise.subarray(0, broken.length),
      at % broken.length > broken.length - noise.length ? 0 : at % broken.length,
    );
    for (const input of [broken, broken.subarray(0, at % broken.length)]) {
      try {
        decodeTtlv(input);
      } catch (error) {
        expect(error).toBeInstanceOf(TtlvError);
      }
    }
  },
);

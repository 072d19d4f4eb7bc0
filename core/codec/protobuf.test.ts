import { expect } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { ProtobufReader, ProtobufWriter } from './protobuf.ts';

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.maxSafeInteger().map(BigInt),
  fc.integer({ min: 45, max: 60 }).map((bits) => 2n ** BigInt(bits) - 1n),
);

test.prop([fc.integer({ min: 1, max: 5_000 }), int64])(
  'an int64 is read as the number nearest to it',
  (field, value) => {
    const bytes = new ProtobufWriter().explicitUint(field, BigInt.asUintN(64, value)).finish();
    const reader = new ProtobufReader(bytes);
    expect([reader.next(), reader.field, reader.wire]).toEqual([true, field, 0]);
    expect(reader.int()).toBe(Number(value));
    expect(reader.next()).toBe(false);
  },
);

test.prop([fc.integer({ min: 1, max: 5_000 }), fc.string({ unit: 'binary' }), fc.nat()])(
  'a message inside another has the bytes that it has by itself',
  (field, text, number) => {
    const inner = (): ProtobufWriter => new ProtobufWriter().text(1, text).uint(2, number);
    const around = (): ProtobufWriter => new ProtobufWriter().uint(7, 1);
    const whole = around().message(field, inner()).uint(8, 2).finish();
    expect(whole).toEqual(around().explicitBytes(field, inner().finish()).uint(8, 2).finish());
  },
);

test.prop([fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 })])(
  'a message inside another is read as its bytes are, broken or not, and no byte behind it',
  (inside, behind) => {
    const bytes = new ProtobufWriter().explicitBytes(3, inside).explicitBytes(4, behind).finish();
    const reader = new ProtobufReader(bytes);
    reader.next();
    expect(walked(reader.message())).toEqual(walked(new ProtobufReader(inside)));
    expect([reader.next(), reader.field, reader.bytes()]).toEqual([true, 4, behind]);
  },
);

/** All that can be seen of a message, and how it ends. */
function walked(reader: ProtobufReader): unknown[] {
  const seen: unknown[] = [];
  try {
    while (reader.next()) {
      seen.push(reader.field, reader.wire);
      if (reader.wire === 0) seen.push(reader.big());
      else if (reader.wire === 2) seen.push(reader.bytes());
    }
  } catch (error) {
    seen.push(String(error));
  }
  return seen;
}

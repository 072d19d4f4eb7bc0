import { expect, test } from 'vitest';
import { decodeBase64 } from './base64.ts';
import { qrPng } from './qr-png.ts';
import { qrCode } from './qr.ts';

const drawn = (text: string): string[] => qrCode(text)!.map((row) => row.map((dark) => (dark ? '#' : '.')).join(''));

// What other readers have read, as a picture.
test('a short text gives the smallest code', () => {
  expect(drawn('HELLO')).toMatchInlineSnapshot(`
    [
      "#######..###..#######",
      "#.....#.#.##..#.....#",
      "#.###.#...#...#.###.#",
      "#.###.#...##..#.###.#",
      "#.###.#.#.#.#.#.###.#",
      "#.....#..##.#.#.....#",
      "#######.#.#.#.#######",
      ".........#.##........",
      "#.#.#.#..#.#....#..#.",
      "#.#.#....##...#....#.",
      ".....##..##.#...#####",
      "#.#.##.#.##...#....#.",
      ".##..###.##.#.#.#.#..",
      "........#.##.#.#..##.",
      "#######....#.###..###",
      "#.....#...####.##....",
      "#.###.#.#.##.###..###",
      "#.###.#..#....##..##.",
      "#.###.#.#.#.#...#.#.#",
      "#.....#..##...#.#..#.",
      "#######.#.#.#.##..###",
    ]
  `);
});

test('the size grows with the text, and the corners are always the same', () => {
  for (const length of [14, 15, 150, 151, 213, 500, 1500, 2331]) {
    const rows = drawn('a'.repeat(length));
    expect((rows.length - 17) % 4).toBe(0);
    expect(rows[0]!.slice(0, 8)).toBe('#######.');
    expect(rows[0]!.slice(-8)).toBe('.#######');
    expect(rows.at(-1)!.slice(0, 8)).toBe('#######.');
  }
  // What upstream takes for them, up to the largest that there is.
  const sizes = [14, 15, 666, 667, 2213, 2214, 2331, 2332].map((length) => qrCode('a'.repeat(length))?.length);
  expect(sizes).toEqual([21, 25, 97, 101, 173, 177, 177, undefined]);
});

test('a picture has the asked width, and is not made where it would have less than a pixel a module', () => {
  const png = decodeBase64(qrPng('HELLO', 200));
  expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  expect(png[19]).toBe(200);
  expect(() => qrPng('HELLO', 20)).toThrow('can not scale barcode to an image smaller than 21x21');
  expect(() => qrPng('a'.repeat(2332), 200)).toThrow('No encoding found to encode "aaa');
});

import { expect, test } from 'vitest';
import { decodeBase64 } from './base64.ts';
import { qrPng } from './qr-png.ts';
import { qrCode } from './qr.ts';

const drawn = (text: string): string[] => qrCode(text).map((row) => row.map((dark) => (dark ? '#' : '.')).join(''));

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
  for (const length of [14, 15, 150, 151, 213, 500]) {
    const rows = drawn('a'.repeat(length));
    expect((rows.length - 17) % 4).toBe(0);
    expect(rows[0]!.slice(0, 8)).toBe('#######.');
    expect(rows[0]!.slice(-8)).toBe('.#######');
    expect(rows.at(-1)!.slice(0, 8)).toBe('#######.');
  }
  expect([14, 15].map((length) => qrCode('a'.repeat(length)).length)).toEqual([21, 25]);
});

test('a picture has the asked width, or a pixel a module', () => {
  for (const [asked, width] of [
    [200, 200],
    [1, 21],
  ] as const) {
    const png = decodeBase64(qrPng('HELLO', asked));
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(png[19]).toBe(width);
  }
});

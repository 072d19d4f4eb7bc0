import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { TarError, readTar, writeTar } from './tar.ts';

const file = fc.record({
  name: fc.stringMatching(/^[a-z./]{1,90}$/),
  data: fc.uint8Array({ maxLength: 1_500 }),
  mode: fc.constantFrom(0o600, 0o644),
  mtime: fc.nat(),
});

test.prop([fc.array(file)])('what was packed comes out again', (files) => {
  const archive = writeTar(files);
  expect(archive.length % 512).toBe(0);
  expect(readTar(archive)).toEqual(files);
});

test('a damaged header and a torn file are refused', () => {
  const archive = writeTar([{ name: 'meta.json', data: new Uint8Array(700) }]);
  expect(() => readTar(archive.slice(0, 1_000))).toThrow(new TarError('unexpected EOF'));
  archive[3] = 0x7a;
  expect(() => readTar(archive)).toThrow(new TarError('invalid tar header'));
});

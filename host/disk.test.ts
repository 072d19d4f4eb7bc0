import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostDisk, pathFault } from './disk.ts';

let folder: string;
let disk: HostDisk;
const bytes = (text: string) => new TextEncoder().encode(text);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steamer-disk-'));
  disk = new HostDisk(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('whole files are written, read, listed and removed', async () => {
  await disk.writeFile('a/b', bytes('one'), { sync: true });
  await disk.writeFile('a/b', bytes('two'), { sync: false, mode: 0o600 });
  await disk.writeFile('a/c/d', bytes(''), { sync: false });
  expect(await disk.list('a')).toEqual(['b', 'c/']);
  expect(new TextDecoder().decode(await disk.readFile('a/b'))).toBe('two');
  await disk.rename('a/b', 'a/e');
  await disk.remove('a/c/d');
  await disk.remove('a/c/d');
  await disk.removeFolder('a/c');
  await disk.removeFolder('a');
  await disk.syncFolder('a');
  expect(await disk.list('a')).toEqual(['e']);
  expect(await disk.list('none')).toEqual([]);
  expect(await disk.readFile('none')).toBeUndefined();
});

test('an open file grows where it is written, and shrinks', async () => {
  const file = await disk.open('log', { create: true });
  await file.write(0, bytes('hello'));
  await file.write(file.size(), bytes(' world'));
  expect(file.size()).toBe(11);
  expect(new TextDecoder().decode(await file.read(6, 100))).toBe('world');
  await file.sync();
  await file.truncate(5);
  await file.close();
  const again = await disk.open('log', { create: false });
  expect(again.size()).toBe(5);
  await again.close();
});

test('what is appended by two goes to the end, wherever each thinks that it is', async () => {
  const [one, other] = [
    await disk.open('log', { create: true, append: true }),
    await disk.open('log', { create: false, append: true }),
  ];
  await one.write(one.size(), bytes('first '));
  await other.write(other.size(), bytes('second '));
  await one.write(one.size(), bytes('third'));
  expect(new TextDecoder().decode(await disk.readFile('log'))).toBe('first second third');
  await one.close();
  await other.close();
});

test('failures carry a code and Go’s words', async () => {
  await expect(disk.open('none', { create: false })).rejects.toMatchObject({
    code: 'missing',
    message: `open ${join(folder, 'none')}: no such file or directory`,
  });
  await writeFile(join(folder, 'file'), '');
  await expect(disk.writeFile('file/x', bytes(''), { sync: false })).rejects.toMatchObject({ name: 'DiskError' });
});

test('a path that leads nowhere ends, as Go says it, at the part that is missing or no folder', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(pathFault(join(folder, 'file'))).toBeUndefined();
  expect(pathFault(join(folder, 'none', 'deeper'))).toBe(`lstat ${folder}/none: no such file or directory`);
  expect(pathFault(join(folder, 'file', 'deeper'))).toBe('not a directory');
});

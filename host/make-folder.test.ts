import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steamer-folder-'));
  await writeFile(join(folder, 'file'), '');
});
afterAll(() => rm(folder, { recursive: true }));

test('a folder is made with those above it, by several at once too, and may be there', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await Promise.all([makeFolder(path), makeFolder(join(path, 'd')), makeFolder(path)]);
  await makeFolder(path);
  expect((await stat(join(path, 'd'))).mode & 0o777).toBe(0o700);
});

test('what cannot be made is told in Go’s words, with the part that is to blame', async () => {
  const file = join(folder, 'file');
  for (const path of [file, join(file, 'x'), join(file, 'x', 'y')])
    await expect(makeFolder(path)).rejects.toThrow(`mkdir ${file}: not a directory`);
});

test.runIf(process.platform === 'linux')(
  'a file system that takes no folders is no reason to go on for ever',
  async () => {
    await expect(makeFolder('/proc/steamer/x')).rejects.toThrow('mkdir /proc/steamer: no such file or directory');
  },
);

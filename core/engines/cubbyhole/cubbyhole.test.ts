import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { replay } from '../../framework/golden.ts';
import { TestMount } from '../../framework/testing.ts';
import { createCubbyhole, revokeCubbyhole } from './cubbyhole.ts';

describe('the cubbyhole', () => {
  test('answers as the real server', async () => {
    const transcript = readFileSync(new URL('./cubbyhole.golden.txt', import.meta.url), 'utf8');
    expect(await replay(new TestMount(createCubbyhole), transcript)).toEqual([]);
  });

  test('shows every token its own secrets only, and none to batch tokens', async () => {
    const mount = new TestMount(createCubbyhole);
    await mount.write('a/b', { x: 1 });
    mount.caller = { ...mount.caller, cubbyholeId: 'other' };
    expect(await mount.read('a/b')).toMatchObject({ status: 404 });
    mount.caller = { ...mount.caller, cubbyholeId: '', tokenType: 'batch' };
    expect((await mount.read('a/b')).errors).toEqual([
      "cubbyhole operations are only supported by 'service' type tokens",
    ]);
  });

  test('is emptied when its token is revoked', async () => {
    const mount = new TestMount(createCubbyhole);
    for (const path of ['a', 'a/b', 'c/d/e']) await mount.write(path, { x: 1 });
    await revokeCubbyhole(mount.context.storage, 'cubby');
    expect(await mount.context.storage.list('')).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { replay } from '../../framework/golden.ts';
import { TestMount } from '../../framework/testing.ts';
import { createKv } from './kv.ts';

const transcript = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

describe('the kv engine answers as the real server', () => {
  test('version 1', async () => {
    expect(await replay(new TestMount(createKv), transcript('./v1.golden.txt'))).toEqual([]);
  });

  test('version 2', async () => {
    const mount = new TestMount(createKv, { options: { version: '2' } });
    await mount.backend.initialize!();
    await mount.settle();
    expect(await replay(mount, transcript('./v2.golden.txt'))).toEqual([]);
  });

  test('there is no version 3', () => {
    expect(() => new TestMount(createKv, { options: { version: '3' } })).toThrow(
      'nil backend of type "kv" returned from factory',
    );
  });
});

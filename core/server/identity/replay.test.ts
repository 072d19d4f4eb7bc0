import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { devNode } from '../node.fixture.ts';
import { replayOn } from './replay.fixture.ts';

const scripts = [
  'entities',
  'aliases',
  'groups',
  'policies',
  'leftovers',
  'merges',
  'oidc-tokens',
  'oidc-provider',
  'mfa',
];

describe('identity answers as the real server', () => {
  test.each(scripts)('%s', async (name) => {
    const transcript = readFileSync(new URL(`./${name}.golden.txt`, import.meta.url), 'utf8');
    expect(await replayOn(await devNode({ apiAddr: 'http://127.0.0.1:8200' }), transcript)).toEqual([]);
  });
});

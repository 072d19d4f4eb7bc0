import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hunt } from '../bin/run/hunt.ts';
import { bugs } from './all.ts';
import { applyEdits, EditDoesNotMatch } from './bug.ts';

const root = new URL('../', import.meta.url);
/** Each caught by another kind of checker; `npm run bugs` hunts them all. */
const SOME = new Set(['acknowledge-before-quorum', 'reuse-nonce', 'children-survive']);
/** Each of them was caught within fewer; a change of the source moves what a seed brings about. */
const FEW = 40;

describe('planted bugs', () => {
  test('have names, places and stories of their own', () => {
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length);
    for (const { stories } of bugs)
      for (const story of stories) expect(statSync(new URL(story, root)).isFile()).toBe(true);
  });

  test.each(bugs)('$name still finds its place', (bug) => {
    for (const { file } of bug.edits) {
      const source = readFileSync(new URL(file, root), 'utf8');
      expect(applyEdits(bug, file, source)).not.toBe(source);
    }
  });

  test('an edit whose place is gone, or there twice, fails loudly', () => {
    const bug = { ...bugs[0]!, edits: [{ file: 'a.ts', find: 'one', replace: 'two' }] };
    expect(applyEdits(bug, 'a.ts', 'just one')).toBe('just two');
    for (const source of ['nothing', 'one one'])
      expect(() => applyEdits(bug, 'a.ts', source)).toThrow(EditDoesNotMatch);
  });

  test.concurrent.each(bugs.filter(({ name }) => SOME.has(name)))(
    '$name is caught by those who do not know it',
    async (bug) => {
      expect(await hunt(bug, { first: bug.seed, count: FEW })).toBeDefined();
    },
    120_000,
  );
});

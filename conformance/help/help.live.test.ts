/** Help on every path, spelled in every way, has the frame and the OpenAPI of 2.7.2. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Both, rootsOf } from './both.ts';
import { likely, templatesOf } from './questions.ts';
import { MOUNTS, RECORDED, recordedAs, type Caller, type Question } from './sweep.ts';

let both: Both;

beforeAll(async () => {
  both = await Both.start('2.7.2', 'dev');
});

afterAll(() => both.stop());

/** STEAMER_GOLDEN=1 keeps them; they hold ours offline. */
test('what is recorded is what 2.7.2 says', async () => {
  const lines: string[] = [];
  for (const mount of MOUNTS) {
    const root = { path: mount };
    const shown = await both.real.ask(root);
    lines.push(recordedAs(root, shown));
    for (const path of new Set(templatesOf(mount, shown).map(likely)))
      lines.push(recordedAs({ path }, await both.real.ask({ path })));
  }
  if (process.env['STEAMER_GOLDEN'] !== undefined) writeFileSync(RECORDED, `${lines.join('\n')}\n`);
  expect(lines).toEqual(readFileSync(RECORDED, 'utf8').trimEnd().split('\n'));
});

test('on mounts: their paths, in order', async () => {
  expect(await both.swept(rootsOf(MOUNTS))).toEqual({});
  expect(MOUNTS.length).toBeGreaterThan(18);
});

test.each(MOUNTS)('on the paths of %s, however they are spelled', { timeout: 120_000 }, async (mount) => {
  expect(await both.sweptPaths(mount)).toEqual({});
});

const SOME = ['sys', 'sys/', 'sys/mounts', 'sys/seal', 'sys/raw/a', 'sys/health', 'sys/nothing', 'sys/namespaces/x'];
const OTHERS = ['transit', 'transit/keys/a', 'pki/ca', 'auth/token/lookup', 'auth/userpass/login/a', 'cubbyhole/a'];
const NOWHERE = ['', '/', 'nothing', 'nothing/a', 'auth', 'auth/', 'auth/nothing', 'identity/entity', 'kv', 'kv/a'];

test.each<Caller>(['root', 'nobody', 'poor', 'child', 'wrong'])('asked by %s, there and below', async (as) => {
  const paths = [...SOME, ...OTHERS, ...NOWHERE];
  const questions = paths.flatMap((path): Question[] => [
    { path, as },
    { path, as, method: 'HELP', query: '' },
    { path: `below/${path}`, as },
    { path, as, namespace: 'below' },
    { path, as, namespace: 'nowhere' },
  ]);
  expect(await both.swept(questions)).toEqual({});
});

test('asked in other words', async () => {
  const queries = [
    'help',
    'help=',
    'help=0',
    'help=false',
    'help=1&list=true',
    'help=1&help=',
    'help=&help=1',
    'list=true&help=x',
    'Help=1',
    'help=1&a=b',
  ];
  const questions = queries.flatMap((query): Question[] => [
    { path: 'transit/keys/a', query },
    { path: 'transit/keys', query },
    { path: 'transit/keys/', query, method: 'LIST' },
    { path: 'transit/keys/a', query, method: 'HELP' },
  ]);
  expect(await both.swept(questions)).toEqual({});
});

/** What `steamer conform` says when something cannot be had, and what it keeps when a server dies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { changed } from '../../conformance/proxy.fixture.ts';
import { command } from './conform.ts';

const folder = mkdtempSync(join(tmpdir(), 'steamer-conform-'));
afterAll(() => rmSync(folder, { recursive: true }));

let printed: string[];
beforeEach(() => {
  printed = [];
  const keep = (text: string): void => void printed.push(text);
  vi.spyOn(console, 'log').mockImplementation(keep);
  vi.spyOn(console, 'error').mockImplementation(keep);
  vi.stubEnv('BAO_TOKEN', 'root');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('what cannot be had is one clear line', () => {
  test.each([
    ['an unknown make', ['--target', 'nothing'], 'unknown target "nothing"', 2],
    ['a version that is none', ['--target', 'program:latest'], 'wants a version like 2.7.2', 2],
    ['an unreachable address', ['--target', 'http://127.0.0.1:1'], 'no answer from http://127.0.0.1:1', 2],
    ['an unknown cluster', ['--area', 'cluster', '--target', 'http://127.0.0.1:1'], 'a cluster is ours', 2],
  ])('%s', async (_, words, line, code) => {
    expect(await command([...words, '--against', 'recorded:2.7.2', '--case', 'cubbyhole/cubbyhole'].slice(0, 6))).toBe(
      code,
    );
    expect(printed).toHaveLength(1);
    expect(printed[0]).toContain(line);
    expect(printed[0]).not.toContain('\n');
  });

  test('no container engine', async () => {
    vi.stubEnv('PATH', folder);
    vi.stubEnv('DOCKER_HOST', undefined);
    expect(await command(['--target', 'container:2.7.2', '--against', 'recorded:2.7.2'])).toBe(2);
    expect(printed).toEqual([expect.stringContaining('no container engine')]);
  });

  test.each([
    [['--area', 'nothing'], 'no such case or area: nothing'],
    [['--case', 'kv/nothing'], 'no such case or area: kv/nothing'],
    [['--target'], 'flag needs an argument: -target'],
    [['more'], 'unexpected argument: more'],
  ])('%s', async (words, line) => {
    await expect(command(['--against', 'recorded:2.7.2', ...words])).rejects.toThrow(line);
  });
});

test('of a server that dies in the middle the report keeps what it said, and the exit code says so', async () => {
  const dying = await changed('dying', ({ path }, answer) => {
    return path === '/v1/cubbyhole/dir/b' ? undefined : answer;
  }).start('dev');
  const json = join(folder, 'report.json');
  const words = ['--target', dying.addresses[0]!, '--against', 'recorded:2.7.2', '--case', 'cubbyhole/cubbyhole'];
  expect(await command([...words, '--quiet', '--json', json])).toBe(2);
  await dying.stop();
  const { cases } = JSON.parse(readFileSync(json, 'utf8')) as { cases: { name: string; broken?: string }[] };
  expect(cases).toMatchObject([{ name: 'cubbyhole/cubbyhole', broken: expect.stringContaining(' died: ') }]);
});

test('a server that is the same leaves nothing to tell, and its page has a row an operation', async () => {
  const html = join(folder, 'report.html');
  const junit = join(folder, 'report.xml');
  const words = ['--against', 'recorded:2.7.2', '--area', 'cubbyhole', '--html', html, '--junit', junit];
  expect(await command(words)).toBe(0);
  expect(printed.join('\n')).toContain('cubbyhole          3        0            0                0');
  expect(readFileSync(html, 'utf8').match(/data-verdict="same"/g)).toHaveLength(3);
  expect(readFileSync(junit, 'utf8')).toContain(
    '<testsuite name="cubbyhole" tests="3" failures="0" errors="0" skipped="0">',
  );
});

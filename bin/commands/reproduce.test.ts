import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { FOLDER } from '../../conformance/outages/kept.ts';
import { UsageError } from '../flags.ts';
import { command } from './reproduce.ts';

const folder = mkdtempSync(join(tmpdir(), 'steamer-reproduce-'));
afterAll(() => rmSync(folder, { recursive: true }));
const logs = (name: string): string => fileURLToPath(new URL(name, FOLDER));

async function said(...words: string[]): Promise<string> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    expect(await command(words)).toBe(0);
  } finally {
    log.mockRestore();
  }
  return lines.join('\n');
}

test('what is no log, or not enough of one, is told in a line', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'notes.txt'), 'hello\n');
  const lone = join(logs('leader-killed'), 'n1.txt');
  const told: readonly (readonly [words: readonly string[], line: RegExp])[] = [
    [[], /^name a folder of logs, or the logs, a file a node$/],
    [['nowhere'], /^nowhere: no such file or folder$/],
    [[empty], /empty: no file in this folder is the log of an OpenBao server$/],
    [[join(empty, 'notes.txt')], /notes\.txt: no record of an OpenBao server's log/],
    [[lone], /^logs of n1 alone; .* without n2, n3$/],
    [[logs('leader-killed'), '--multiplier', '11'], /^--multiplier 11: give a whole number from 1 to 10$/],
    [[logs('leader-killed'), '--write', 'a.ts'], /^--write a\.ts: stories are named \*\.scenario\.ts$/],
  ];
  for (const [words, line] of told) {
    const failed: unknown = await said(...words).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UsageError);
    expect((failed as Error).message).toMatch(line);
  }
});

test('an outage is told, played, and played as it would have been', async () => {
  const story = join(folder, 'ours.scenario.ts');
  const text = await said(logs('leader-killed'), '--seeds', '3', '--multiplier', '5', '--nodes', '5', '--write', story);
  expect(text).toContain('n1       OpenBao 2.7.2, storage raft, seal static, multiplier 1, 127.0.0.1:21301;');
  expect(text).toMatch(/11:09:46\.257 {2}n3 {7}wins the election of term 4/);
  expect(text).toMatch(
    /n1 \(active\) is killed between 11:09:4\d\.\d{3} and 11:09:44\.305; starts again at 11:09:54\.378\./,
  );
  expect(text).toMatch(/real +multiplier 1, 3 nodes \(3 seeds\) +multiplier 5, 5 nodes \(3 seeds\)/);
  expect(text).toMatch(/1\. nobody active for +2\.\d\d s – 3\.\d\d s +\d\.\d\d s \(/);
  expect(readFileSync(story, 'utf8')).toContain("scenario('reproduced: n1 is killed'");
});

test('a leader whose log is missing is told by the others', async () => {
  const text = await said(join(logs('leader-killed'), 'n2.txt'), join(logs('leader-killed'), 'n3.txt'), '--seeds', '2');
  expect(text).toContain('n1: spoken of, but no log is here');
  expect(text).toMatch(
    /n1 \(active\) is killed between .* and 11:09:44\.305; starts again between .* and 11:09:56\.704\. likely: /,
  );
  expect(text).toMatch(/nobody was active after n1, for 3\.\d\d s .* until n3 was/);
});

test('what was done to nobody is not played', async () => {
  const quiet = join(folder, 'quiet');
  mkdirSync(quiet);
  for (const name of ['n1', 'n2', 'n3']) {
    const lines = readFileSync(join(logs('stepped-down'), `${name}.txt`), 'utf8').split('\n');
    const until = lines.findIndex((line) => line.startsWith('2026-11-30T11:13:5'));
    writeFileSync(join(quiet, `${name}.log`), lines.slice(0, until < 0 ? undefined : until).join('\n'));
  }
  expect(await said(quiet)).toContain('there is nothing to play');
});

test('JSON has all of it', async () => {
  const told = JSON.parse(await said(logs('stepped-down'), '--seeds', '2', '--json')) as {
    faults: { kind: string; node: string }[];
    outages: { lasted: number; milestones: Record<string, number> }[];
    columns: { rows: { what: string; simulated?: { n: number } }[] }[];
  };
  expect(told.faults).toMatchObject([{ kind: 'step-down', node: 'n1', active: true }]);
  expect(told.outages).toHaveLength(1);
  expect(told.columns[0]!.rows.at(-1)).toMatchObject({ what: 'nobody active for', simulated: { n: 2 } });
});

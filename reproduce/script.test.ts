import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { logsOf, truthOf } from '../conformance/outages/kept.ts';
import { playPlan } from '../bin/run/reenact.ts';
import { play } from '../bin/run/play.ts';
import { readCluster } from './cluster-log.ts';
import { inferFaults } from './faults.ts';
import { planOf } from './plan.ts';
import { scriptOf } from './script.ts';

const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'written-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const planned = (name: string) => {
  const { multiplier } = truthOf(name);
  const log = readCluster(logsOf(name));
  return planOf(log, inferFaults(log, multiplier), { multiplier })!;
};

/** One of each kind, and some of several at once. */
const KINDS = [
  'all-lost-power-shamir',
  'leader-cut-off',
  'leader-paused',
  'leader-sealed',
  'one-after-another',
  'slow-disk',
];

// A written story says the same as the plan that is played at once: same seed, same events.
test.each(KINDS)('%s: the story that is written down is the one that was played', async (name) => {
  const plan = planned(name);
  const file = join(folder, `${name}.scenario.ts`);
  writeFileSync(
    file,
    scriptOf(plan, { name: `it's ${name}`, about: ['told'], most: 60_000_000, from: '../../sim/story.ts' }),
  );
  const choices = { crypto: 'node', pump: 'node', bug: undefined, until: 'end', without: [] } as const;
  const written = await play({ file, story: 0, seed: 3 }, choices);
  const [played] = await playPlan(plan, `it's ${name}`, [3]);
  expect(written.violations).toEqual([]);
  expect(written.hash).toBe(played!.run.hash);
});

test('a story reads as one', () => {
  const text = scriptOf(planned('leader-killed'), { name: 'n1 is killed', about: ['n1 is killed.'], most: 4_500_000 });
  expect(text).toContain("import { ActiveWatch, expect, foremost, kv, scenario } from 'bao-steamer/story';");
  expect(text).toContain('expect(active.longest).toBeAtMost(4_500_000);');
  expect(text).toMatch(
    / {2}\/\/ n1, the active node, is killed\n {2}const n1 = foremost\(bao\);\n {2}bao\.kill\(n1\);\n {2}await sim\.run\('1\d\.\d+s'\);/,
  );
});

import { expect, test } from 'vitest';
import { junitRuns, type JUnitRun } from './junit-runs.ts';

const run = (seed: number, more: Partial<JUnitRun> = {}): JUnitRun => ({
  file: 'scenarios/kv/cas.scenario.ts',
  scenario: 'a <write> wins',
  seed,
  wallMs: 250,
  violations: [],
  reproduce: `npx steamer run scenarios/kv/cas.scenario.ts --seed ${seed}`,
  ...more,
});

test('runs are cases of their file, and a failed one says why and how to see it again', () => {
  const violations = [
    { checker: 'kv', at: 25_000_000, message: 'a write was lost\n  "a" & \u0007' },
    { checker: 'raft', at: 26_000_000, message: 'logs differ' },
  ];
  const runs = [run(1), run(2, { violations }), run(1, { file: 'scenarios/b.scenario.ts', wallMs: 1_500 })];
  expect(junitRuns(runs)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="steamer" tests="3" failures="1" errors="0" skipped="0" time="2.000">
<testsuite name="scenarios/kv/cas.scenario.ts" tests="2" failures="1" errors="0" skipped="0" time="0.500">
<testcase classname="scenarios/kv/cas.scenario.ts" name="a &lt;write&gt; wins, seed 1" time="0.250"></testcase>
<testcase classname="scenarios/kv/cas.scenario.ts" name="a &lt;write&gt; wins, seed 2" time="0.250"><failure type="kv" message="a write was lost">25.000 s  kv: a write was lost
  &quot;a&quot; &amp; \ufffd
26.000 s  raft: logs differ
reproduce: npx steamer run scenarios/kv/cas.scenario.ts --seed 2</failure></testcase>
</testsuite>
<testsuite name="scenarios/b.scenario.ts" tests="1" failures="0" errors="0" skipped="0" time="1.500">
<testcase classname="scenarios/b.scenario.ts" name="a &lt;write&gt; wins, seed 1" time="1.500"></testcase>
</testsuite>
</testsuites>
`);
});

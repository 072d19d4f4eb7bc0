/** The real server in a container answers as the program was recorded to: as a dev server and uninitialised on raft. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCases } from '../case.ts';
import { conform, live, recorded } from '../conform.ts';
import { preparePodman } from '../fixtures/podman.ts';
import { orSkipped } from '../interop/side.ts';
import { differenceText } from '../report/table.ts';
import { container } from './container.ts';
import type { Target } from './target.ts';

let target: Target | undefined;

beforeAll(() =>
  orSkipped(async () => {
    await preparePodman();
    target = await container('2.7.2');
  }),
);
afterAll(() => target?.close());

test.for(['cubbyhole/cubbyhole', 'kv/versions', 'sys/generate-root'])('%s', async (name, context) => {
  // `orSkipped` has printed why: no container engine, and none to be installed.
  if (target === undefined) return context.skip();
  const cases = loadCases().filter((played) => played.name === name);
  const report = await conform(live(target), recorded('2.7.2'), cases, [], { done: () => undefined });
  expect(report.cases).toHaveLength(1);
  expect(report.cases[0]!.broken).toBeUndefined();
  expect(report.cases[0]!.differences.map(differenceText)).toEqual([]);
});

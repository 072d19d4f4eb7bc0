/** Every recorded case is told by a story, or it is said why not. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { leftOut } from '../scenarios/recorded/left-out.ts';
import { takeScenarios } from '../sim/scenario.ts';
import { loadCases } from './case.ts';

const folder = fileURLToPath(new URL('../scenarios/recorded/', import.meta.url));

async function told(): Promise<string[]> {
  takeScenarios();
  for (const file of readdirSync(folder)) if (file.endsWith('.scenario.ts')) await import(`${folder}${file}`);
  return takeScenarios().flatMap(({ options }) => options.recorded ?? []);
}

test('every written case is told once, or left out for a reason', async () => {
  const names = loadCases().map(({ name }) => name);
  expect([...(await told()), ...Object.keys(leftOut)].sort()).toEqual(names.sort());
  expect(Object.entries(leftOut).filter(([, why]) => why.trim() === '')).toEqual([]);
});

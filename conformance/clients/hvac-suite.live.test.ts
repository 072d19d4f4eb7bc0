import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { orSkipped } from '../interop/side.ts';
import { playHvacSuite } from './hvac-suite.ts';

/** The tests that pass against OpenBao 2.7.2, every time: of 652, the others are about what only Vault has. */
const recorded = readFileSync(new URL('../recordings/2.7.2/clients/hvac-suite.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const steamer = fileURLToPath(new URL('../../bin/steamer.mjs', import.meta.url));

test("hvac's own integration tests pass against ours wherever they pass against the real server", async (context) => {
  const played = await orSkipped(() => playHvacSuite([process.execPath, steamer]));
  // `orSkipped` has printed why: no Python packages to be had.
  if (played === undefined) return context.skip();
  const { passed, output } = played;
  if (passed.length === 0) console.log(output.slice(-2_000));
  expect(recorded.filter((name) => !passed.includes(name))).toEqual([]);
}, 900_000);

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Missing } from '../program.ts';
import { playHvacSuite } from './hvac-suite.ts';

/** The tests that pass against OpenBao 2.7.2, every time: of 652, the others are about what only Vault has. */
const recorded = readFileSync(new URL('../recordings/2.7.2/clients/hvac-suite.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const steamer = fileURLToPath(new URL('../../bin/steamer.mjs', import.meta.url));

test("hvac's own integration tests pass against ours wherever they pass against the real server", async (context) => {
  try {
    const { passed, output } = await playHvacSuite([process.execPath, steamer]);
    if (passed.length === 0) console.log(output.slice(-2_000));
    expect(recorded.filter((name) => !passed.includes(name))).toEqual([]);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.log(error.message);
    // No Python packages to be had: the line above says which.
    context.skip();
  }
}, 900_000);

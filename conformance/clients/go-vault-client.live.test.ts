/**
 * HashiCorp's clients for Go: of the generated one every operation, of the other every function of Sys, Logical, the
 * tokens, the key-values and SSH; each in four ways, from no values at all to odd ones. Both servers answer the same.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { onBothOf, orSkipped, startSides, type Side } from '../interop/side.ts';
import { oursAsProgram } from '../targets/program.ts';
import { buildGo } from './go.ts';
import { playBeside } from './wire.ts';

const sides: { operations: Side[]; programs: Side[] } = { operations: [], programs: [] };
let program = '';

beforeAll(
  () =>
    orSkipped(async () => {
      program = await buildGo('go-vault-client', 'github.com/hashicorp/vault-client-go and …/vault/api');
      sides.operations = await startSides('2.7.2', 'dev', oursAsProgram());
      sides.programs = await startSides('2.7.2', 'dev', oursAsProgram());
    }),
  300_000,
);

afterAll(() => Promise.all([...sides.operations, ...sides.programs].map((side) => side.stop())));

async function play(words: 'operations' | 'programs') {
  const { count, differences } = await playBeside(sides[words], (address) =>
    promisify(execFile)(program, [words], {
      env: { ...process.env, BAO_ADDR: address },
      maxBuffer: 1 << 24,
      timeout: 240_000,
    }),
  );
  // Entities have drawn ids, in whose order they are listed.
  return { count, differences: differences.filter(({ request }) => !request.startsWith('GET /v1/identity/entity/')) };
}

onBothOf(() => sides.operations, 300_000)('every operation of the generated client', async () => {
  const { count, differences } = await play('operations');
  expect(differences).toEqual([]);
  expect(count).toBeGreaterThan(3_700);
});

onBothOf(() => sides.programs, 300_000)(
  'every function of the client that other programs are written with',
  async () => {
    const { count, differences } = await play('programs');
    expect(differences).toEqual([]);
    expect(count).toBeGreaterThan(600);
  },
);

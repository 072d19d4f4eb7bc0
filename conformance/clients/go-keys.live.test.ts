/** Programs in Go that keep their keys in transit, through the libraries they do it with: both servers answer the same. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { onBothOf, orSkipped, startSides, type Side } from '../interop/side.ts';
import { oursAsProgram } from '../targets/program.ts';
import { buildGo } from './go.ts';
import { playBeside } from './wire.ts';

const sides: Side[] = [];
let program = '';

beforeAll(
  () =>
    orSkipped(async () => {
      program = await buildGo('go-keys', "sigstore, tink-go-hcvault, gocloud.dev and HashiCorp's wrapper of keys");
      sides.push(...(await startSides('2.7.2', 'dev', oursAsProgram())));
    }),
  300_000,
);

afterAll(() => Promise.all(sides.map((side) => side.stop())));

onBothOf(() => sides, 120_000)('sigstore signs, tink and gocloud.dev encrypt, a seal wraps its root key', async () => {
  const { count, differences } = await playBeside(sides, (address) =>
    promisify(execFile)(program, { env: { ...process.env, BAO_ADDR: address }, timeout: 100_000 }),
  );
  expect(differences).toEqual([]);
  expect(count).toBeGreaterThan(100);
});

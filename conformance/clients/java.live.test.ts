/** Two clients for Java, Spring's and the one that BetterCloud began: both servers answer them the same. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { onBothOf, orSkipped, startSides, type Side } from '../interop/side.ts';
import { oursAsProgram } from '../targets/program.ts';
import { buildJava } from './java.ts';
import { playBeside } from './wire.ts';

let program: readonly string[] = [];
const spring: Side[] = [];
const driver: Side[] = [];

beforeAll(
  () =>
    orSkipped(async () => {
      program = await buildJava();
      spring.push(...(await startSides('2.7.2', 'dev', oursAsProgram())));
      driver.push(...(await startSides('2.7.2', 'dev', oursAsProgram())));
    }),
  300_000,
);

afterAll(() => Promise.all([...spring, ...driver].map((side) => side.stop())));

const play = (sides: readonly Side[], client: string) =>
  playBeside(sides, (address) => {
    const [java = '', ...words] = program;
    const env = { ...process.env, BAO_ADDR: address };
    return promisify(execFile)(java, [...words, client], { env, maxBuffer: 1 << 24, timeout: 100_000 });
  });

onBothOf(() => spring, 240_000)("Spring's client, its sessions and its leases", async () => {
  const { count, differences } = await play(spring, 'spring-vault');
  expect(differences).toEqual([]);
  expect(count).toBeGreaterThan(230);
});

onBothOf(() => driver, 240_000)('vault-java-driver', async () => {
  const { count, differences } = await play(driver, 'vault-java-driver');
  expect(differences).toEqual([]);
  expect(count).toBeGreaterThan(100);
});

/** A server that somebody else runs, behind TLS: the real one and ours, asked over https and tidied after each case. */
import { mkdtemp, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCases } from '../case.ts';
import { Client } from '../client.ts';
import { eventually } from '../cluster.ts';
import { conform, live, recorded } from '../conform.ts';
import { loadOperations } from '../recording.ts';
import { differenceText } from '../report/table.ts';
import { baoProgram, freePort } from '../program.ts';
import { openTarget } from './target.ts';

const VERSION = '2.7.2';
const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));
const NAMES = ['kv/v1', 'sys/policies', 'token/create', 'userpass/userpass'];

/** Runs a dev server with a certificate that nobody has signed, while `body` asks it. */
async function behindTls(command: readonly string[], body: (address: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  const [program, ...head] = command;
  const flags = ['-dev', '-dev-tls', `-dev-tls-cert-dir=${folder}`, '-dev-root-token-id=root', '-dev-no-store-token'];
  const child = spawn(program!, [...head, 'server', ...flags, `-dev-listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const client = new Client(`https://127.0.0.1:${port}`, 5_000);
  try {
    const health = { method: 'GET', path: '/v1/sys/health', headers: [], body: undefined };
    await eventually('it answers', async () => (await client.send(health)).status === 200 || undefined);
    await body(client.address);
  } finally {
    client.close();
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

test.each([
  ['the real server', async () => [await baoProgram(VERSION)]],
  ['ours', () => Promise.resolve([process.execPath, steamer])],
] as const)('%s behind https is asked like one of our own', async (_, command) => {
  await behindTls(await command(), async (address) => {
    const target = await openTarget(address, 'root');
    const cases = loadCases().filter(({ name }) => NAMES.includes(name));
    expect(cases).toHaveLength(NAMES.length);
    const report = await conform(live(target), recorded(VERSION), cases, loadOperations(VERSION), {
      done: () => undefined,
    });
    expect(report.cases.map(({ name, broken }) => [name, broken])).toEqual(NAMES.map((name) => [name, undefined]));
    expect(report.cases.flatMap(({ differences }) => differences.map(differenceText))).toEqual([]);
    await target.close();
  });
});

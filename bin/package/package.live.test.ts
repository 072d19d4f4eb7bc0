/** The package as somebody gets it: built, put into another project's node_modules, used from there. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../conformance/program.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'steamer-package-'));
const program = join(project, 'node_modules/bao-steamer/bin/steamer.js');

beforeAll(async () => {
  await run('npm', ['run', 'build'], { cwd: root });
  mkdirSync(join(project, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')).filter((each) => !each.startsWith('.')))
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  cpSync(join(root, 'dist/package'), join(project, 'node_modules/bao-steamer'), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
}, 120_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(project, name);
  writeFileSync(path, text);
  return path;
}

test('an embedded server answers, logs in with a password and stops', async () => {
  const file = write(
    'embedded.js',
    `import { startServer } from 'bao-steamer';
     const bao = await startServer();
     await bao.request('POST', 'sys/auth/userpass', { type: 'userpass' });
     await bao.request('POST', 'auth/userpass/users/u', { password: 'p' });
     const { body } = await bao.request('PUT', 'auth/userpass/login/u', { password: 'p' });
     console.log(body.auth.policies.join());
     await bao.stop();`,
  );
  const { stdout } = await run(process.execPath, [file], { cwd: project });
  expect(stdout).toBe('default\n');
});

test('a story of the user’s own is played', async () => {
  write(
    'own.scenario.ts',
    `import { expect, kv, scenario } from 'bao-steamer/story';
     scenario('a leader steps down', { minimum: { acknowledged: 10 } }, async (sim) => {
       const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
       await bao.mount('secret', 'kv-v2');
       const history = bao.workload(kv.putAndGet({ clients: 2, keys: 5, every: '100ms' }));
       await sim.run('5s');
       expect(history).toBeLinearizable();
     });`,
  );
  const words = ['run', 'own.scenario.ts', '--seed', '3', '--seeds', '2', '--jobs', '2', '--json'];
  const { stdout } = await run(process.execPath, [program, ...words], { cwd: project });
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { verdict: string }).verdict);
  expect(verdicts).toEqual(['passed', 'passed']);
});

test('the stories of the package are played from it', async () => {
  const stories = join(project, 'node_modules/bao-steamer/scenarios/failover/step-down.scenario.js');
  const { stdout } = await run(process.execPath, [program, 'run', stories, '--seed', '1', '--json'], { cwd: project });
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'passed', seed: 1 });
});

test('what starts is ASCII, of which V8 keeps a byte a letter', () => {
  const folder = join(project, 'node_modules/bao-steamer/bin/commands');
  const files = readdirSync(folder).filter((name) => name.startsWith('server-start'));
  expect(files).toHaveLength(1);
  expect(readFileSync(join(folder, files[0]!)).every((byte) => byte < 0x80)).toBe(true);
});

test('the server command answers over HTTP', async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [program, 'server', '-dev', `-dev-listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  });
  try {
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${port}/v1/sys/health`).catch(() => undefined))?.status, {
        timeout: 10_000,
      })
      .toBe(200);
  } finally {
    child.kill();
  }
});

test('its declarations hold in a strict project', async () => {
  write(
    'typed.ts',
    `import { startServer, type BaoServer } from 'bao-steamer';
     import { mockBao } from 'bao-steamer/msw';
     import { test } from 'bao-steamer/vitest';
     import { scenario } from 'bao-steamer/story';
     const bao: BaoServer = await startServer({ kv: 1 });
     // @ts-expect-error there is no KV of version 3
     await startServer({ kv: 3 });
     console.log(bao.address, mockBao, test, scenario);`,
  );
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        strict: true,
        module: 'nodenext',
        target: 'es2023',
        noEmit: true,
        types: [],
        skipLibCheck: true,
      },
      files: ['typed.ts'],
    }),
  );
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await run(tsc, ['-p', project]).catch((error: { stdout: string }) => ({ stdout: error.stdout }));
  expect(stdout).toBe('');
});

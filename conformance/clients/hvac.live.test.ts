/** The Python client: installed by name into the cache, and told the same by both servers. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startServer } from '../../embed/index.ts';
import { baoProgram, freePort, startProgram } from '../program.ts';
import { toldByProgram, type Told } from './told.ts';

const VERSION = '2.4.0';
const folder = fileURLToPath(new URL(`../../.cache/hvac-${VERSION}`, import.meta.url));
const SCRIPTS = ['hvac_script.py', 'hvac_logins.py'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
const run = promisify(execFile);

/** Undefined, and one line why, when it cannot be had. */
async function hvac(): Promise<string | undefined> {
  if (existsSync(`${folder}/hvac/__init__.py`)) return folder;
  try {
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, `hvac==${VERSION}`]);
    return folder;
  } catch {
    console.log(`hvac ${VERSION} cannot be installed: python3 -m pip install hvac==${VERSION}`);
    return undefined;
  }
}

const told = (address: string, packages: string, script: string): Promise<readonly Told[]> =>
  toldByProgram('python3', [script], {
    BAO_ADDR: address,
    PYTHONPATH: packages,
    PYTHONWARNINGS: 'ignore',
    PYTHONDONTWRITEBYTECODE: '1',
  });

test('hvac is told the same by both servers', async (context) => {
  const packages = await hvac();
  // Said by hvac(): no Python, or no package.
  if (packages === undefined) return context.skip();
  const port = await freePort();
  const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
  const real = await startProgram(await baoProgram(), ['server', ...flags], port);
  await using ours = await startServer();
  try {
    for (const script of SCRIPTS) {
      const expected = await told(real.address, packages, script);
      expect(expected.length).toBeGreaterThan(70);
      expect(await told(ours.address, packages, script)).toEqual(expected);
    }
  } finally {
    await real.stop();
  }
});

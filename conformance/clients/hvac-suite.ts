/**
 * The integration tests of the Python client hvac, unmodified, as somebody else's idea of what a server has to do. They
 * start `vault` programs from PATH; here that is a two-line stand-in that starts whichever server is under test.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cached, pipInstall } from '../cached.ts';
import { Missing } from '../missing.ts';

const VERSION = '2.4.0';
/** What the suite imports, and what runs it. */
const PACKAGES = [
  `hvac==${VERSION}`,
  'pytest==9.2.0',
  'pytest-mock==3.17.0',
  'pytest-timeout==2.4.0',
  'pytest-xdist==3.8.0',
  'parameterized==0.9.0',
  'requests-mock==1.12.1',
  'jwcrypto==1.6.1',
  'pyhcl==0.4.5',
  'packaging==26.4',
  'Flask==3.1.3',
  'Flask-SQLAlchemy==3.1.1',
  'Authlib==1.9.10',
];
/** Needs a directory written in Java. */
const IGNORED = 'tests/integration_tests/api/auth_methods/test_ldap.py';
/** The Vault from which OpenBao went its own way; by it the suite chooses what it tests. */
const CLAIMED = '1.14.0';
const WITHIN_MS = 840_000;

const run = promisify(execFile);

/** The folder of suite and packages. Throws Missing with one line saying what to install. */
const prepared = (): Promise<string> =>
  cached(`hvac-suite-${VERSION}`, async (folder) => {
    await pipInstall(join(folder, 'packages'), PACKAGES);
    const download = ['download', '--quiet', '--no-deps', '--no-binary', 'hvac', '--dest', folder, `hvac==${VERSION}`];
    await run('python3', ['-m', 'pip', ...download]).catch(() => {
      throw new Missing(`hvac's own tests could not be fetched: python3 -m pip ${download.join(' ')}`);
    });
    await run('tar', ['xzf', join(folder, `hvac-${VERSION}.tar.gz`), '-C', folder]);
  });

/**
 * The names of the tests that pass, sorted, and what was printed. `command` are the words that start the server's
 * program, to which `server -config=…` is added.
 */
export async function playHvacSuite(
  command: readonly string[],
): Promise<{ readonly passed: readonly string[]; readonly output: string }> {
  const folder = await prepared();
  const place = await mkdtemp(join(tmpdir(), 'steamer-hvac-'));
  try {
    const stand = join(place, 'bin', 'vault');
    await mkdir(join(place, 'bin'));
    const words = command.map((word) => `'${word}'`).join(' ');
    const version = `case "$1" in -version|version) echo 'Vault v${CLAIMED}'; exit;; esac`;
    await writeFile(stand, `#!/bin/sh\n${version}\nexec ${words} "$@"\n`);
    await chmod(stand, 0o755);
    await cp(join(folder, `hvac-${VERSION}`, 'tests'), join(place, 'tests'), { recursive: true });
    await mkdir(join(place, 'tests/config_files/generated'), { recursive: true });
    const env = {
      ...process.env,
      PATH: `${join(place, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      PYTHONPATH: join(folder, 'packages'),
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const flags = ['-q', '-rp', '--tb=line', '--timeout=60', '-p', 'no:cacheprovider', '-n', '2', '--dist', 'loadfile'];
    const pytest = ['-m', 'pytest', ...flags, '--ignore', IGNORED, 'tests/integration_tests'];
    const options = { cwd: place, env, maxBuffer: 1 << 26, timeout: WITHIN_MS };
    const output = await run('python3', pytest, options).then(
      ({ stdout }) => stdout,
      // It exits with 1 when a test fails, and some fail on every server.
      (error: unknown) => (error as { stdout: string }).stdout,
    );
    const passed = [...output.matchAll(/^PASSED (?:tests\/integration_tests\/)?(\S+)/gm)].map((match) => match[1]!);
    return { passed: passed.sort(), output };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

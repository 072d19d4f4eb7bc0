/**
 * An engine for containers where there is none: podman with a configuration of the project's own, and an image made of
 * the `bao` program alone, because no image registry may be in reach.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../cluster.ts';
import { baoProgram } from '../program.ts';
import { TargetError } from './target.ts';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../.cache', import.meta.url));

export interface Engine {
  readonly image: string;
  close(): Promise<void>;
}

/** Docker when it answers, else podman's service; rejects with TargetError when there is neither. */
export async function containerEngine(version: string): Promise<Engine> {
  if (process.env['DOCKER_HOST'] !== undefined || (await works('docker', ['info'])))
    return { image: `openbao/openbao:${version}`, close: () => Promise.resolve() };
  if (!(await works('podman', ['--version'])))
    throw new TargetError(
      'no container engine: neither docker answers nor is podman installed (apt-get install podman runc)',
    );
  await configure();
  const image = `localhost/openbao/openbao:${version}`;
  if (!(await works('podman', ['image', 'exists', image]))) await makeImage(image, await baoProgram(version));
  return { image, close: await serve() };
}

async function works(program: string, words: readonly string[]): Promise<boolean> {
  try {
    await run(program, words, { timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Limits that can be set without rights, and a runtime that works in any group layout. */
async function configure(): Promise<void> {
  await mkdir(cache, { recursive: true });
  const file = join(cache, 'containers.conf');
  await writeFile(
    file,
    '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n[engine]\nruntime = "runc"\n',
  );
  process.env['CONTAINERS_CONF'] = file;
}

async function makeImage(image: string, program: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  try {
    for (const name of ['bin', 'etc', 'tmp']) await mkdir(join(folder, name));
    await copyFile(program, join(folder, 'bin/bao'));
    const tar = join(folder, 'image.tar');
    await run('tar', ['-cf', tar, '-C', folder, 'bin', 'etc', 'tmp']);
    const changes = ['ENTRYPOINT ["/bin/bao"]', 'CMD ["server","-dev"]', 'EXPOSE 8200'].flatMap((line) => [
      '--change',
      line,
    ]);
    await run('podman', ['import', ...changes, tar, image], { timeout: 120_000 });
  } catch (error) {
    throw new TargetError(
      `podman could not make ${image}: ${error instanceof Error ? error.message.split('\n')[0] : ''}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Podman's Docker-compatible service on a socket of its own; gives what ends it. */
async function serve(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  const socket = `unix://${folder}/podman.sock`;
  const service: ChildProcess = spawn('podman', ['system', 'service', '--time=0', socket], { stdio: 'ignore' });
  const end = async (): Promise<void> => {
    service.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(
      'podman answers',
      async () => (await works('podman', ['--url', socket, 'version'])) || undefined,
      20_000,
    );
  } catch {
    await end();
    throw new TargetError('podman is installed, but its service does not answer');
  }
  process.env['DOCKER_HOST'] = socket;
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  return end;
}

/** AWS as moto plays it: its server, installed by package name into the project's cache. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, Missing, type Server, startProgram } from './program.ts';

const VERSION = '5.2.5';
const folder = fileURLToPath(new URL(`../.cache/moto-${VERSION}`, import.meta.url));

/** Throws Missing with one line saying what to install. */
export async function startMoto(): Promise<Server> {
  if (!existsSync(`${folder}/moto`)) {
    mkdirSync(folder, { recursive: true });
    const words = ['-m', 'pip', 'install', '--quiet', '--target', folder, `moto[server]==${VERSION}`];
    await promisify(execFile)('python3', words).catch(() => {
      throw new Missing(`moto could not be installed: python3 -m pip install 'moto[server]==${VERSION}'`);
    });
  }
  const port = await freePort();
  const words = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  return startProgram('python3', words, port, { PYTHONPATH: folder });
}

/** What is installed by package name, in the project's cache. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Missing } from './missing.ts';

const cache = fileURLToPath(new URL('../.cache', import.meta.url));

/**
 * The path of the folder of this name, which `fill` has filled when it was not there: it is there whole or not at all,
 * also when several processes ask for it at once.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = `${cache}/${name}`;
  if (isFilled(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const mine = await mkdtemp(`${folder}.`);
  try {
    await fill(mine);
    await rename(mine, folder);
  } catch (error) {
    if (!isFilled(folder)) throw error;
  } finally {
    await rm(mine, { recursive: true, force: true });
  }
  return folder;
}

/** An empty one is nothing: earlier versions left such when they could not install. */
const isFilled = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;

/** A folder for PYTHONPATH with these packages and what they need. Throws Missing where they cannot be had. */
export const pipInstalled = (name: string, packages: readonly string[]): Promise<string> =>
  cached(name, (folder) => pipInstall(folder, packages));

/** Into this folder. Throws Missing where they cannot be had. */
export async function pipInstall(folder: string, packages: readonly string[]): Promise<void> {
  const words = ['-m', 'pip', 'install', '--quiet', '--no-input', '--target', folder, ...packages];
  await promisify(execFile)('python3', words).catch(() => {
    throw new Missing(`${packages[0]} could not be installed: python3 -m pip install ${packages.join(' ')}`);
  });
}

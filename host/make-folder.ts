import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, goTexts } from './errno.ts';

/** `mkdir /a/b: not a directory`: the first part of a path that could not be made, and why. */
export class FolderError extends Error {
  readonly code: string;

  constructor(path: string, code: string) {
    super(`mkdir ${path}: ${goTexts[code] ?? code}`);
    this.name = 'FolderError';
    this.code = code;
  }
}

/**
 * Makes a folder and those above it, for nobody else; rejects with FolderError. Node's own way of doing so never comes
 * back where a file system takes no folders (`/proc/x`), and does not tell which part of the path is to blame.
 */
export async function makeFolder(path: string): Promise<void> {
  const there = await isFolder(path);
  if (there === true) return;
  if (there === false) throw new FolderError(path, 'ENOTDIR');
  if (dirname(path) !== path) await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (await isFolder(path)) return;
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new FolderError(path, code);
  }
}

/** Undefined where there is nothing, or nothing can be seen. */
async function isFolder(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return undefined;
  }
}

/** A folder of the real file system as a node's disk. */
import { constants, fdatasync, statSync, writeSync } from 'node:fs';
import { open, readFile, readdir, rename, rm, rmdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiskError } from '../core/runtime.ts';
import type { Disk, DiskErrorCode, DiskFile } from '../core/runtime.ts';
import { codeOf, goTexts } from './errno.ts';
import { FolderError, makeFolder } from './make-folder.ts';

const codes: Readonly<Record<string, DiskErrorCode>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EEXIST: 'exists',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  EBUSY: 'locked',
};

/**
 * Why there is nothing at an absolute path, as Go says it when it follows it part by part; undefined where there is
 * something.
 */
export function pathFault(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  for (let i = 1; i <= parts.length; i++) {
    const here = `/${parts.slice(0, i).join('/')}`;
    try {
      if (!statSync(here).isDirectory() && i < parts.length) return goTexts['ENOTDIR'];
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error;
      return `lstat ${here}: ${goTexts[code] ?? code}`;
    }
  }
  return undefined;
}

async function mapped<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const text = error instanceof FolderError ? error.message : `${operation} ${path}: ${goTexts[code] ?? code}`;
    throw new DiskError(codes[code] ?? 'io', text);
  }
}

/** Undefined instead of the error when the file or folder is not there. */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export class HostDisk implements Disk {
  readonly #root: string;
  #temporary = 0;
  /** Kept until closed: node treats a handle that nobody refers to as a bug. */
  readonly #open = new Set<HostFile>();

  constructor(root: string) {
    this.#root = root;
  }

  #path(path: string): string {
    return join(this.#root, path);
  }

  open(
    path: string,
    { create, append = false, mode = 0o600 }: { create: boolean; append?: boolean; mode?: number },
  ): Promise<DiskFile> {
    const full = this.#path(path);
    return mapped('open', full, async () => {
      if (create) await makeFolder(dirname(full));
      const flags = constants.O_RDWR | (create ? constants.O_CREAT : 0) | (append ? constants.O_APPEND : 0);
      const handle = await open(full, flags, mode);
      const { size } = await handle.stat();
      const file = new HostFile(path, full, handle, { size, append }, () => this.#open.delete(file));
      this.#open.add(file);
      return file;
    });
  }

  /** When the node is gone: what it left open. */
  async closeAll(): Promise<void> {
    for (const file of this.#open) await file.close();
  }

  readFile(path: string): Promise<Uint8Array | undefined> {
    const full = this.#path(path);
    return mapped('open', full, () => unlessMissing(readFile(full)));
  }

  writeFile(path: string, bytes: Uint8Array, { sync, mode = 0o600 }: { sync: boolean; mode?: number }): Promise<void> {
    const full = this.#path(path);
    const temporary = `${full}.${process.pid}.${this.#temporary++}.tmp`;
    return mapped('write', full, async () => {
      await makeFolder(dirname(full));
      try {
        const handle = await open(temporary, 'w', mode);
        try {
          await handle.writeFile(bytes);
          if (sync) await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, full);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      if (sync) await syncFolder(dirname(full));
    });
  }

  rename(from: string, to: string): Promise<void> {
    return mapped('rename', this.#path(from), () => rename(this.#path(from), this.#path(to)));
  }

  remove(path: string): Promise<void> {
    return mapped('remove', this.#path(path), () => rm(this.#path(path), { force: true }));
  }

  removeFolder(path: string): Promise<void> {
    return mapped('remove', this.#path(path), async () => {
      try {
        await rmdir(this.#path(path));
      } catch (error) {
        const code = codeOf(error);
        if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      }
    });
  }

  list(folder: string): Promise<string[]> {
    const full = this.#path(folder);
    return mapped('open', full, async () => {
      const entries = (await unlessMissing(readdir(full, { withFileTypes: true }))) ?? [];
      const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
      return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    });
  }

  syncFolder(folder: string): Promise<void> {
    const full = this.#path(folder);
    return mapped('sync', full, () => syncFolder(full));
  }
}

const dataSync = (fd: number): Promise<void> =>
  new Promise((resolve, reject) => fdatasync(fd, (error) => (error === null ? resolve() : reject(error))));

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders; its renames are durable by themselves.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Up to so many bytes a write is done at once: the page cache takes them in less time than a thread takes to wake. */
const AT_ONCE = 64 * 1024;

class HostFile implements DiskFile {
  readonly path: string;
  readonly #full: string;
  readonly #handle: FileHandle;
  readonly #closed: () => void;
  readonly #append: boolean;
  #size: number;
  /** Something was written since the last sync began. */
  #dirty = true;
  #syncing: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    full: string,
    handle: FileHandle,
    { size, append }: { readonly size: number; readonly append: boolean },
    closed: () => void,
  ) {
    this.path = path;
    this.#full = full;
    this.#handle = handle;
    this.#size = size;
    this.#append = append;
    this.#closed = closed;
  }

  size(): number {
    return this.#size;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return mapped('read', this.#full, async () => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, this.#size - offset)));
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done === bytes.length ? bytes : bytes.subarray(0, done);
    });
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    // The size counts at once, so that the next append knows where to go.
    this.#size = Math.max(this.#size, offset + bytes.length);
    this.#dirty = true;
    // Others may write to the same file: only the kernel knows where its end is.
    const at = (done: number): number | null => (this.#append ? null : offset + done);
    return mapped('write', this.#full, async () => {
      let done = 0;
      if (bytes.length <= AT_ONCE) {
        while (done < bytes.length) done += writeSync(this.#handle.fd, bytes, done, bytes.length - done, at(done));
        return;
      }
      while (done < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, at(done));
        done += bytesWritten;
      }
    });
  }

  truncate(size: number): Promise<void> {
    this.#size = size;
    this.#dirty = true;
    return mapped('truncate', this.#full, () => this.#handle.truncate(size));
  }

  /** What upstream syncs twice (its database's pages, then its meta page) has nothing left to do the second time. */
  sync(): Promise<void> {
    if (!this.#dirty) return this.#syncing;
    this.#dirty = false;
    this.#syncing = mapped('sync', this.#full, () => dataSync(this.#handle.fd)).catch((error: unknown) => {
      this.#dirty = true;
      throw error;
    });
    return this.#syncing;
  }

  close(): Promise<void> {
    this.#closed();
    return mapped('close', this.#full, () => this.#handle.close());
  }
}

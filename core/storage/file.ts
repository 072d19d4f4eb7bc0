/**
 * The `file` storage of OpenBao up to 2.6: a folder tree, one file a key (facts §4.2). Kept for its users;
 * without transactions, and without a sync, as upstream.
 */
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { compareText } from '../codec/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { failure } from '../fault.ts';
import type { Disk } from '../runtime.ts';
import type { Page, Storage, Transaction } from './storage.ts';

const MODE = 0o600;

export class FileStorage implements Storage {
  readonly transactional = false;
  readonly #disk: Disk;
  readonly #root: string;

  /** `root` is a folder of the node's disk: '' or with a trailing '/'. */
  constructor(disk: Disk, root = '') {
    this.#disk = disk;
    this.#root = root;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const path = this.#path(key);
    const bytes = await this.#disk.readFile(path);
    if (bytes === undefined) return undefined;
    if (bytes.length === 0) {
      // What a crash left of a write: upstream removes it and goes on.
      await this.#disk.remove(path);
      return undefined;
    }
    return parse(bytes, path);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const path = this.#path(key);
    const temporary = `${path}.temp`;
    const file = await this.#disk.open(temporary, { create: true, mode: MODE });
    try {
      await file.truncate(0);
      await file.write(0, encodeUtf8(`{"Value":"${encodeBase64(value)}"}\n`));
    } finally {
      await file.close();
    }
    await this.#disk.rename(temporary, path);
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key);
    await this.#disk.remove(path);
    for (let cut = key.lastIndexOf('/'); cut > 0; cut = key.lastIndexOf('/', cut - 1)) {
      await this.#disk.removeFolder(this.#root + key.slice(0, cut));
    }
  }

  async list(prefix: string, page?: Page): Promise<string[]> {
    refuseParents(prefix);
    const after = page?.after ?? '';
    const limit = page?.limit ?? 0;
    const names = (await this.#disk.list((this.#root + prefix).replace(/\/$/, '')))
      .map((name) => (name.startsWith('_') && !name.endsWith('/') ? name.slice(1) : name))
      .filter((name) => after === '' || compareText(name, after) > 0)
      .sort(compareText);
    return limit > 0 ? names.slice(0, limit) : names;
  }

  async begin(): Promise<Transaction> {
    throw failure('storage does not support transactions');
  }

  #path(key: string): string {
    refuseParents(key);
    const cut = key.lastIndexOf('/') + 1;
    return `${this.#root}${key.slice(0, cut)}_${key.slice(cut)}`;
  }
}

function refuseParents(path: string): void {
  if (path.includes('..')) throw failure('path cannot contain parent references');
}

/** `{"Value":"<base64>"}` and nothing else is ever written here. */
function parse(bytes: Uint8Array, path: string): Uint8Array {
  const match = /^\s*\{\s*"Value"\s*:\s*(?:"([A-Za-z0-9+/=]*)"|null)\s*\}\s*$/.exec(decodeUtf8(bytes));
  if (match === null) throw failure(`file storage: ${path} does not hold an entry`);
  return decodeBase64(match[1] ?? '');
}

/** Names in storage that do not give away what they stand for: SHA-256 of a mount's own salt (`salt`, a UUID) and the text. */
import { encodeHex } from '../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { makeUuid } from '../codec/uuid.ts';
import type { Runtime } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';

const PLACE = 'salt';

export class Salt {
  readonly #runtime: Runtime;
  readonly #storage: Storage;
  #salt: string | undefined;

  /** `storage` is the mount's own view, outside of any transaction: what is filed under a salt must never outlive it. */
  constructor(runtime: Runtime, storage: Storage) {
    this.#runtime = runtime;
    this.#storage = storage;
  }

  /** 64 hexadecimal digits. */
  async salted(text: string): Promise<string> {
    const salt = await this.value();
    return encodeHex(this.#runtime.crypto.hash('sha256', encodeUtf8(salt), encodeUtf8(text)));
  }

  /** Made when there is none yet. */
  async value(): Promise<string> {
    return this.#salt ?? (await this.#load());
  }

  async #load(): Promise<string> {
    const stored = await this.#storage.get(PLACE);
    const salt = stored === undefined ? makeUuid((length) => this.#runtime.random.bytes(length)) : decodeUtf8(stored);
    if (stored === undefined) await this.#storage.put(PLACE, encodeUtf8(salt));
    return (this.#salt = salt);
  }

  invalidate(key: string): void {
    if (key === PLACE) this.#salt = undefined;
  }
}

/** Storage names of tokens and accessors: the ids themselves never show in the key space. */
import { encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import type { ServiceContext } from '../services.ts';

const KEY = 'sys/token/salt';
const KNOWN = 1_024;

export class Salt {
  readonly #context: ServiceContext;
  #salt: string | undefined;
  /** The same few tokens come again and again. */
  readonly #known = new Map<string, string>();

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** Made on first use; a standby's attempt to make it ends in ReadOnly. */
  async #load(): Promise<string> {
    if (this.#salt !== undefined) return this.#salt;
    const { barrier, system } = this.#context;
    const stored = await barrier.get(KEY);
    const salt = stored === undefined ? system.uuid() : decodeUtf8(stored);
    if (stored === undefined) await barrier.put(KEY, encodeUtf8(salt));
    this.#salt ??= salt;
    return this.#salt;
  }

  /**
   * Ids with a '.' (a prefix or a namespace), and any outside of root, by HMAC-SHA-256; what has none (accessors of the
   * root namespace, ids chosen by users, most lease ids) by SHA-1.
   */
  async id(id: string): Promise<string> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const salt = this.#salt ?? (await this.#load());
    const { crypto } = this.#context.runtime;
    const modern = id.includes('.') || this.#context.namespace.id !== rootNamespace.id;
    const salted = modern ? `h${keyed(crypto, salt, id)}` : sha1(crypto, salt + id);
    if (this.#known.size >= KNOWN) this.#known.clear();
    if (this.#salt === salt) this.#known.set(id, salted);
    return salted;
  }

  forget(): void {
    this.#salt = undefined;
    this.#known.clear();
  }
}

const sha1 = (crypto: Crypto, text: string): string => encodeHex(crypto.hash('sha1', encodeUtf8(text)));

const keyed = (crypto: Crypto, salt: string, text: string): string =>
  encodeHex(crypto.hmac('sha256', encodeUtf8(salt), encodeUtf8(text)));

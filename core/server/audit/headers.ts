/** Which request headers go to the audit log (sys/config/auditing/request-headers), stored as one JSON object. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject, parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Hash } from './hash.ts';

const key = 'sys/audited-headers-config/audited-headers';

export class AuditedHeaders {
  readonly #barrier: Storage;
  /** By lower-case name: whether to hash. */
  #headers = new Map<string, boolean>();

  constructor(barrier: Storage) {
    this.#barrier = barrier;
  }

  async load(): Promise<void> {
    const stored = await this.#barrier.get(key);
    this.#headers = new Map();
    if (!stored) return;
    for (const [name, value] of Object.entries(parseObject(stored))) {
      this.#headers.set(name, isObject(value) && value['hmac'] === true);
    }
  }

  /** By name, in order of names. */
  all(): JsonObject {
    const out: JsonObject = {};
    for (const [name, hmac] of this.#headers) out[name] = { hmac };
    return out;
  }

  get(name: string): boolean | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  async set(name: string, hmac: boolean): Promise<void> {
    this.#headers.set(name.toLowerCase(), hmac);
    await this.#save();
  }

  async remove(name: string): Promise<void> {
    this.#headers.delete(name.toLowerCase());
    await this.#save();
  }

  /** The configured ones among a request's headers; undefined when there are none. */
  pick(headers: ReadonlyMap<string, readonly string[]>, hash: Hash): JsonValue | undefined {
    const out: JsonObject = {};
    let any = false;
    for (const [name, hmac] of this.#headers) {
      const values = withoutToken(name, headers);
      if (values === undefined) continue;
      out[name] = hmac ? values.map(hash) : values;
      any = true;
    }
    return any ? out : undefined;
  }

  #save(): Promise<void> {
    return this.#barrier.put(key, encodeUtf8(`${print(this.all())}\n`));
  }
}

/** Whatever is configured, the caller's token is in no header. */
function withoutToken(name: string, headers: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const values = headers.get(name);
  if (name === 'x-vault-token') return undefined;
  if (name !== 'authorization' || headers.has('x-vault-token')) return values;
  return values?.filter((value) => !value.startsWith('Bearer '));
}

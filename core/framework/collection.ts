/** Stored objects under one prefix, each as JSON with a newline, as upstream's StorageEntryJSON writes them. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { parse, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Page, Reader, Writer } from '../storage/storage.ts';

/** How an object is stored. `encode` returns a Map to keep Go's struct order; a plain object prints sorted. */
export interface Form<T> {
  encode(value: T): JsonValue;
  decode(stored: JsonValue): T;
}

export interface CollectionSpec<T> {
  readonly prefix: string;
  readonly form: Form<T>;
}

const asItIs: Form<never> = {
  encode: (value: JsonObject) => value,
  decode: (stored) => stored as never,
};

/** Without a form, T must be a plain JSON object. */
export function collection<T>(prefix: string, form?: Form<T>): CollectionSpec<T> {
  return { prefix, form: form ?? asItIs };
}

export const encodeEntry = (value: JsonValue): Uint8Array => encodeUtf8(`${print(value)}\n`);

export class Collection<T> {
  readonly #spec: CollectionSpec<T>;
  readonly #storage: Reader & Writer;

  constructor(spec: CollectionSpec<T>, storage: Reader & Writer) {
    this.#spec = spec;
    this.#storage = storage;
  }

  async get(name: string): Promise<T | undefined> {
    const bytes = await this.#storage.get(this.#spec.prefix + name);
    return bytes === undefined ? undefined : this.#spec.form.decode(parse(bytes));
  }

  put(name: string, value: T): Promise<void> {
    return this.#storage.put(this.#spec.prefix + name, encodeEntry(this.#spec.form.encode(value)));
  }

  delete(name: string): Promise<void> {
    return this.#storage.delete(this.#spec.prefix + name);
  }

  list(page?: Page): Promise<string[]> {
    return this.#storage.list(this.#spec.prefix, page);
  }
}

export type StoreSpec = Readonly<Record<string, CollectionSpec<never>>>;

export type Store<S> = { readonly [K in keyof S]: S[K] extends CollectionSpec<infer T> ? Collection<T> : never };

/** The collections of a declaration over one storage: a mount's view, or a transaction in it. */
export function bindStore<S>(spec: S, storage: Reader & Writer): Store<S> {
  const store: Record<string, Collection<unknown>> = {};
  for (const [name, one] of Object.entries(spec as Record<string, CollectionSpec<unknown>>)) {
    store[name] = new Collection(one, storage);
  }
  return store as Store<S>;
}

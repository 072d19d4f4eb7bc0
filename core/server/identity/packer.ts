/**
 * Upstream's storage packer: many small items in 256 buckets. The bucket of an item is the first byte of the MD5 of
 * its id, in decimal; a bucket is one protobuf message, written whole; upstream compresses it, and reads it either way.
 */
import { decompress } from '../../codec/canary.ts';
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import type { Storage } from '../../storage/storage.ts';

/** Messages by id, in the order they are stored. */
export type Bucket = Map<string, Uint8Array>;

export class Packer {
  /** With trailing '/'. */
  readonly prefix: string;
  readonly #type: string;
  readonly #storage: () => Storage;
  readonly #crypto: Crypto;
  readonly #buckets = new Map<string, Bucket>();

  /** `type` is the protobuf name of the items, 'identity.Entity'. */
  constructor(storage: () => Storage, crypto: Crypto, prefix: string, type: string) {
    this.#storage = storage;
    this.#crypto = crypto;
    this.prefix = prefix;
    this.#type = `type.googleapis.com/${type}`;
  }

  keyOf(id: string): string {
    return this.prefix + String(this.#crypto.hash('md5', encodeUtf8(id))[0]!);
  }

  async keys(): Promise<string[]> {
    return (await this.#storage().list(this.prefix)).filter((name) => !name.endsWith('/')).map((n) => this.prefix + n);
  }

  /** What is stored under the key, now. */
  async load(key: string): Promise<Bucket> {
    const bytes = await this.#storage().get(key);
    const bucket = bytes === undefined ? new Map<string, Uint8Array>() : decodeBucket(decompress(bytes));
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** What `load` or a change has last put into memory. */
  idsOf(key: string): readonly string[] {
    return [...(this.#buckets.get(key)?.keys() ?? [])];
  }

  put(id: string, message: Uint8Array): Promise<void> {
    return this.#change(this.keyOf(id), (bucket) => bucket.set(id, message));
  }

  /** A missing item is no error, and then nothing is written. */
  async delete(id: string): Promise<void> {
    const key = this.keyOf(id);
    if (this.#buckets.get(key)?.has(id) === true) await this.#change(key, (bucket) => bucket.delete(id));
  }

  // The bucket in memory changes only when the new one is stored.
  async #change(key: string, change: (bucket: Bucket) => void): Promise<void> {
    const next: Bucket = new Map(this.#buckets.get(key) ?? (await this.load(key)));
    change(next);
    await this.#storage().put(key, this.#encode(key, next));
    this.#buckets.set(key, next);
  }

  #encode(key: string, bucket: Bucket): Uint8Array {
    const writer = new ProtobufWriter().text(1, key);
    for (const [id, message] of bucket) {
      const any = new ProtobufWriter().text(1, this.#type).explicitBytes(2, message).finish();
      writer.explicitBytes(2, new ProtobufWriter().text(1, id).explicitBytes(2, any).finish());
    }
    return writer.finish();
  }
}

/** Throws ProtobufError. */
function decodeBucket(bytes: Uint8Array): Bucket {
  const bucket: Bucket = new Map();
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field !== 2) continue;
    const item = new ProtobufReader(reader.bytes());
    let id = '';
    while (item.next()) {
      if (item.field === 1) id = item.text();
      else if (item.field === 2) {
        const any = new ProtobufReader(item.bytes());
        while (any.next()) if (any.field === 2) bucket.set(id, any.bytes());
      }
    }
  }
  return bucket;
}

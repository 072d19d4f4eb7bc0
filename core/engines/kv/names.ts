/**
 * Encrypted names: every segment of a key's path is stored as the base-62 number of `1:` + base64 of an AES-GCM box,
 * with a key derived for the folder (in plain text) and a nonce that follows from the segment, so that a name always
 * encrypts to the same text.
 */
import { decodeBase62, encodeBase62 } from '../../codec/base62.ts';
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { concatBytes, noBytes } from '../../codec/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { AesGcm, Crypto } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';

interface FolderKey {
  readonly box: AesGcm;
  readonly hmacKey: Uint8Array;
}

/** Names and folders remembered; upstream keeps 16 Ki as well. */
const REMEMBERED = 16 * 1024;

export class EncryptedNames {
  readonly #crypto: Crypto;
  readonly #key: Uint8Array;
  readonly #prefix: string;
  readonly #paths = new Map<string, string>();
  readonly #folders = new Map<string, FolderKey>();
  readonly #plain = new Map<string, string>();

  /** `prefix` is where names are stored, with a trailing '/'. */
  constructor(crypto: Crypto, key: Uint8Array, prefix: string) {
    this.#crypto = crypto;
    this.#key = key;
    this.#prefix = prefix;
  }

  /** Where the entry of this key is stored. */
  locate(path: string): string {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    let folder = this.#prefix.slice(0, -1);
    let out = folder;
    for (const segment of segmentsOf(path)) {
      out = `${out}/${this.#encrypt(folder, segment)}`;
      folder = `${folder}/${segment}`;
    }
    if (out.length < this.#prefix.length) out = this.#prefix;
    remember(this.#paths, path, out);
    return out;
  }

  /** The plain names of what a listing of `locate(folder)` gave; sub-folders keep their '/'. Unsorted. */
  reveal(folder: string, names: readonly string[]): string[] {
    const context = [this.#prefix.slice(0, -1), ...segmentsOf(folder)].join('/');
    return names.map((name) => {
      const known = this.#plain.get(name);
      if (known !== undefined) return known;
      const slash = name.endsWith('/') ? '/' : '';
      const plain = this.#decrypt(context, slash === '' ? name : name.slice(0, -1)) + slash;
      remember(this.#plain, name, plain);
      return plain;
    });
  }

  #encrypt(folder: string, segment: string): string {
    const { box, hmacKey } = this.#folderKey(folder);
    const plain = encodeUtf8(segment);
    const nonce = this.#crypto.hmac('sha256', hmacKey, plain).subarray(0, 12);
    return encodeBase62(encodeUtf8(`1:${encodeBase64(concatBytes(nonce, box.seal(nonce, plain)))}`));
  }

  #decrypt(folder: string, name: string): string {
    const bytes = decodeBase62(name);
    if (bytes === undefined || bytes.length === 0) throw failure('could not decode key');
    const text = decodeUtf8(bytes);
    if (!text.startsWith('1:')) throw failure('invalid ciphertext: no prefix');
    const sealed = decodeBase64(text.slice(2));
    return decodeUtf8(this.#folderKey(folder).box.open(sealed.subarray(0, 12), sealed.subarray(12)));
  }

  #folderKey(folder: string): FolderKey {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const material = this.#crypto.hkdf('sha256', this.#key, noBytes, encodeUtf8(folder), 64);
    const key = { box: this.#crypto.aesGcm(material.subarray(0, 32)), hmacKey: material.slice(32) };
    remember(this.#folders, folder, key);
    return key;
  }
}

/** As Go's path.Clean would leave them. */
function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  return segments;
}

// The oldest goes first: names cost little to work out again.
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.size >= REMEMBERED) map.delete(map.keys().next().value!);
  map.set(key, value);
}

/**
 * One encrypted storage entry: term(4, big-endian) | version(1) | nonce(12) | AES-256-GCM ciphertext | tag(16).
 * Version 2 binds the entry to its full physical key as AAD; version 1 had none and is still read.
 */
import { readUint32, writeUint32 } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { AesGcm } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';

const termBytes = 4;
const headerBytes = termBytes + 1;
export const nonceBytes = 12;
const version1 = 1;
const version2 = 2;

/** `key` is the full physical key. */
export function sealEntry(
  cipher: AesGcm,
  term: number,
  nonce: Uint8Array,
  key: string,
  plaintext: Uint8Array,
): Uint8Array {
  const entry = cipher.seal(nonce, plaintext, encodeUtf8(key), headerBytes + nonceBytes);
  writeUint32(entry, 0, term);
  entry[termBytes] = version2;
  entry.set(nonce, headerBytes);
  return entry;
}

/** The key term that an entry names; the caller checks that there are four bytes. */
export const entryTerm = (entry: Uint8Array): number => readUint32(entry, 0);

export const hasTerm = (entry: Uint8Array): boolean => entry.length >= termBytes;

/** Throws AuthenticationFailed, or a Fault with upstream's text when the entry is malformed. */
export function openEntry(cipher: AesGcm, key: string, entry: Uint8Array): Uint8Array {
  if (entry.length <= headerBytes) throw failure('invalid cipher length');
  const version = entry[termBytes]!;
  if (version !== version1 && version !== version2) throw failure('version bytes mis-match');
  const nonce = entry.subarray(headerBytes, headerBytes + nonceBytes);
  const sealed = entry.subarray(headerBytes + nonceBytes);
  return cipher.open(nonce, sealed, version === version2 ? encodeUtf8(key) : undefined);
}

import { concatBytes } from '../../core/codec/bytes.ts';
import { encodeHex } from '../../core/codec/hex.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import { decodeMetadata } from '../../core/engines/kv/messages.ts';

const METADATA = /^(.*logical\/[^/]+\/[^/]+\/)metadata\//;

/**
 * What KV version 2 keeps of its secrets: the data of every version that its metadata names, none of one that was
 * destroyed, and none of the one that was counted out last. (Older ones may stay behind a gap, as upstream.)
 */
export function* wrongInKv(entries: ReadonlyMap<string, Uint8Array>, crypto: Crypto): Generator<string> {
  for (const [place, bytes] of entries) {
    const root = METADATA.exec(place)?.[1];
    const salt = root === undefined ? undefined : entries.get(`${root}salt`);
    if (root === undefined || salt === undefined) continue;
    const { key, versions, oldestVersion } = decodeMetadata(bytes);
    const isStored = (number: number): boolean => {
      const id = encodeHex(crypto.hash('sha256', concatBytes(salt, encodeUtf8(`${key}|${number}`))));
      return entries.has(`${root}versions/${id.slice(0, 3)}/${id.slice(3)}`);
    };
    for (const [number, { destroyed }] of versions) {
      if (destroyed && isStored(number)) yield `version ${number} of ${key} was destroyed and is still stored`;
      if (!destroyed && !isStored(number)) yield `version ${number} of ${key} has no data`;
    }
    if (oldestVersion > 1 && isStored(oldestVersion - 1))
      yield `version ${oldestVersion - 1} of ${key} is one too many and still stored`;
  }
}

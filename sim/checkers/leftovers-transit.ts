import { decodeUtf8 } from '../../core/codec/utf8.ts';

const ARCHIVE = /^(.*logical\/[^/]+\/)archive\/([^/]+)$/;
/** How what transit writes there begins; a secret of KV may be called the same. */
const BEGINNING = '{"keys":[';

/** Of a key of transit that was deleted nothing is kept: its archive would have its versions for ever. */
export function* wrongInTransit(entries: ReadonlyMap<string, Uint8Array>): Generator<string> {
  for (const [place, bytes] of entries) {
    const [, root, name] = ARCHIVE.exec(place) ?? [];
    if (root === undefined || entries.has(`${root}policy/${name}`)) continue;
    if (decodeUtf8(bytes).startsWith(BEGINNING)) yield `the key ${name} is gone, and its archive is not`;
  }
}

/** A state as a stream of bytes: length-delimited StorageEntry messages, what snapshots are made of (facts §2.4). */
import { ProtobufReader, ProtobufWriter, varint } from '../../codec/protobuf.ts';
import { concatBytes } from '../../codec/bytes.ts';

const CHUNK = 64 * 1024;

export type Pair = readonly [key: string, value: Uint8Array];

export function* encodeEntries(entries: Iterable<Pair>): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const [key, value] of entries) {
    const message = new ProtobufWriter().text(1, key).bytes(2, value).finish();
    const size = varint(message.length);
    parts.push(size, message);
    length += size.length + message.length;
    if (length < CHUNK) continue;
    yield concatBytes(...parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield concatBytes(...parts);
}

/** Chunks may be cut anywhere. Values are copies. Throws when the stream ends inside a message. */
export async function* decodeEntries(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Pair> {
  let buffer: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    buffer = buffer.length === 0 ? chunk.slice() : concatBytes(buffer, chunk);
    let at = 0;
    for (;;) {
      const found = messageAt(buffer, at);
      if (found === undefined) break;
      yield decodeEntry(buffer.subarray(found.start, found.end));
      at = found.end;
    }
    buffer = buffer.slice(at);
  }
  if (buffer.length > 0) throw new Error('unexpected EOF');
}

function messageAt(buffer: Uint8Array, at: number): { start: number; end: number } | undefined {
  let length = 0;
  let scale = 1;
  for (let start = at; start < buffer.length;) {
    const byte = buffer[start++]!;
    length += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (byte < 0x80) return start + length <= buffer.length ? { start, end: start + length } : undefined;
  }
  return undefined;
}

function decodeEntry(bytes: Uint8Array): Pair {
  let key = '';
  let value: Uint8Array = new Uint8Array(0);
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.bytes().slice();
  }
  return [key, value];
}

/** The parts that identity's protobuf messages are made of: timestamps and maps. */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import type { Texts } from '../../engines/identity/model.ts';
import { compareText } from '../../codec/bytes.ts';
import type { Micros } from '../../runtime.ts';

/** google.protobuf.Timestamp. */
export const timestamp = (micros: Micros): Uint8Array =>
  new ProtobufWriter()
    .uint(1, Math.floor(micros / 1_000_000))
    .uint(2, (micros % 1_000_000) * 1_000)
    .finish();

export function readTimestamp(bytes: Uint8Array): Micros {
  const reader = new ProtobufReader(bytes);
  let micros = 0;
  while (reader.next()) {
    if (reader.field === 1) micros += reader.uint() * 1_000_000;
    else if (reader.field === 2) micros += Math.floor(reader.uint() / 1_000);
  }
  return micros;
}

export function writeMap(writer: ProtobufWriter, field: number, map: Texts | undefined): void {
  for (const key of Object.keys(map ?? {}).sort(compareText)) {
    writer.explicitBytes(field, new ProtobufWriter().text(1, key).text(2, map![key]!).finish());
  }
}

/** One entry of a map<string, bytes>; texts are bytes on the wire. */
export function readEntry(bytes: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  let key = '';
  let value: Uint8Array = new Uint8Array(0);
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.bytes();
  }
  return { key, value };
}

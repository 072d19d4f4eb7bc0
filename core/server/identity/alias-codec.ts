/** identity.Alias and identity.LocalAliases. */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import type { StoredAlias } from '../../engines/identity/model.ts';
import { readEntry, readTimestamp, timestamp, writeMap } from './protobuf-parts.ts';

export function encodeAlias(alias: StoredAlias): Uint8Array {
  const writer = new ProtobufWriter()
    .text(1, alias.id)
    .text(2, alias.canonicalId)
    .text(3, alias.mountType)
    .text(4, alias.mountAccessor)
    .text(5, alias.mountPath);
  writeMap(writer, 6, alias.metadata);
  writer
    .text(7, alias.name)
    .explicitBytes(8, timestamp(alias.creationTime))
    .explicitBytes(9, timestamp(alias.lastUpdateTime));
  for (const id of alias.mergedFromCanonicalIds) writer.text(10, id);
  writer.text(11, alias.namespaceId);
  writeMap(writer, 12, alias.customMetadata);
  return writer.bool(13, alias.local).text(14, alias.localBucketKey).finish();
}

/** Throws ProtobufError. */
export function decodeAlias(bytes: Uint8Array): StoredAlias {
  const texts = new Map<number, string>();
  const mergedFromCanonicalIds: string[] = [];
  let metadata: Record<string, string> | undefined;
  let customMetadata: Record<string, string> | undefined;
  let creationTime = 0;
  let lastUpdateTime = 0;
  let local = false;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const { field } = reader;
    if (field === 8) creationTime = readTimestamp(reader.bytes());
    else if (field === 9) lastUpdateTime = readTimestamp(reader.bytes());
    else if (field === 10) mergedFromCanonicalIds.push(reader.text());
    else if (field === 13) local = reader.bool();
    else if (field === 6 || field === 12) {
      const { key, value } = readEntry(reader.bytes());
      if (field === 6) (metadata ??= {})[key] = decodeUtf8(value);
      else (customMetadata ??= {})[key] = decodeUtf8(value);
    } else if ([1, 2, 3, 4, 5, 7, 11, 14].includes(field)) texts.set(field, reader.text());
  }
  const text = (field: number): string => texts.get(field) ?? '';
  return {
    id: text(1),
    canonicalId: text(2),
    mountType: text(3),
    mountAccessor: text(4),
    mountPath: text(5),
    metadata,
    name: text(7),
    creationTime,
    lastUpdateTime,
    mergedFromCanonicalIds,
    namespaceId: text(11),
    customMetadata,
    local,
    localBucketKey: text(14),
  };
}

export function encodeLocalAliases(aliases: readonly StoredAlias[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const alias of aliases) writer.explicitBytes(1, encodeAlias(alias));
  return writer.finish();
}

/** Throws ProtobufError. */
export function decodeLocalAliases(bytes: Uint8Array): StoredAlias[] {
  const aliases: StoredAlias[] = [];
  const reader = new ProtobufReader(bytes);
  while (reader.next()) if (reader.field === 1) aliases.push(decodeAlias(reader.bytes()));
  return aliases;
}

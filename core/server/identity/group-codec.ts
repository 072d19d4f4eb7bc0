/** identity.Group. */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import type { StoredAlias, StoredGroup } from '../../engines/identity/model.ts';
import { decodeAlias, encodeAlias } from './alias-codec.ts';
import { readEntry, readTimestamp, timestamp, writeMap } from './protobuf-parts.ts';

export function encodeGroup(group: StoredGroup): Uint8Array {
  const writer = new ProtobufWriter().text(1, group.id).text(2, group.name);
  for (const policy of group.policies ?? []) writer.text(3, policy);
  for (const id of group.parentGroupIds ?? []) writer.text(4, id);
  for (const id of group.memberEntityIds ?? []) writer.text(5, id);
  writeMap(writer, 6, group.metadata);
  writer
    .explicitBytes(7, timestamp(group.creationTime))
    .explicitBytes(8, timestamp(group.lastUpdateTime))
    .uint(9, group.modifyIndex)
    .text(10, group.bucketKey);
  if (group.alias !== undefined) writer.explicitBytes(11, encodeAlias(group.alias));
  return writer.text(12, group.type).text(13, group.namespaceId).finish();
}

/** Throws ProtobufError. */
export function decodeGroup(bytes: Uint8Array): StoredGroup {
  const lists = new Map<number, string[]>();
  const texts = new Map<number, string>();
  let metadata: Record<string, string> | undefined;
  let alias: StoredAlias | undefined;
  let creationTime = 0;
  let lastUpdateTime = 0;
  let modifyIndex = 0;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const { field } = reader;
    if (field === 3 || field === 4 || field === 5) lists.set(field, [...(lists.get(field) ?? []), reader.text()]);
    else if (field === 6) {
      const { key, value } = readEntry(reader.bytes());
      (metadata ??= {})[key] = decodeUtf8(value);
    } else if (field === 7) creationTime = readTimestamp(reader.bytes());
    else if (field === 8) lastUpdateTime = readTimestamp(reader.bytes());
    else if (field === 9) modifyIndex = reader.uint();
    else if (field === 11) alias = decodeAlias(reader.bytes());
    else if ([1, 2, 10, 12, 13].includes(field)) texts.set(field, reader.text());
  }
  const text = (field: number): string => texts.get(field) ?? '';
  return {
    id: text(1),
    name: text(2),
    policies: lists.get(3),
    parentGroupIds: lists.get(4),
    memberEntityIds: lists.get(5),
    metadata,
    creationTime,
    lastUpdateTime,
    modifyIndex,
    bucketKey: text(10),
    alias,
    type: text(12) === 'external' ? 'external' : 'internal',
    namespaceId: text(13),
  };
}

/** identity.Entity. */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { compareText } from '../../codec/bytes.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import type { MfaSecret, StoredAlias, StoredEntity } from '../../engines/identity/model.ts';
import { decodeAlias, encodeAlias } from './alias-codec.ts';
import { readEntry, readTimestamp, timestamp, writeMap } from './protobuf-parts.ts';

/** Without its local aliases. */
export function encodeEntity(entity: StoredEntity): Uint8Array {
  const writer = new ProtobufWriter();
  for (const alias of entity.aliases) if (!alias.local) writer.explicitBytes(1, encodeAlias(alias));
  writer.text(2, entity.id).text(3, entity.name);
  writeMap(writer, 4, entity.metadata);
  writer.explicitBytes(5, timestamp(entity.creationTime)).explicitBytes(6, timestamp(entity.lastUpdateTime));
  for (const id of entity.mergedEntityIds) writer.text(7, id);
  for (const policy of entity.policies) writer.text(8, policy);
  writer.text(9, entity.bucketKey);
  for (const id of Object.keys(entity.mfaSecrets).sort(compareText)) {
    const { methodName, totp } = entity.mfaSecrets[id]!;
    const secret = new ProtobufWriter().text(1, methodName).explicitBytes(2, totp).finish();
    writer.explicitBytes(10, new ProtobufWriter().text(1, id).explicitBytes(2, secret).finish());
  }
  return writer.bool(11, entity.disabled).text(12, entity.namespaceId).finish();
}

/** Throws ProtobufError. */
export function decodeEntity(bytes: Uint8Array): StoredEntity {
  const aliases: StoredAlias[] = [];
  let metadata: Record<string, string> | undefined;
  const mfaSecrets: Record<string, MfaSecret> = {};
  const mergedEntityIds: string[] = [];
  const policies: string[] = [];
  const texts = new Map<number, string>();
  let creationTime = 0;
  let lastUpdateTime = 0;
  let disabled = false;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const { field } = reader;
    if (field === 1) aliases.push(decodeAlias(reader.bytes()));
    else if (field === 4) {
      const { key, value } = readEntry(reader.bytes());
      (metadata ??= {})[key] = decodeUtf8(value);
    } else if (field === 5) creationTime = readTimestamp(reader.bytes());
    else if (field === 6) lastUpdateTime = readTimestamp(reader.bytes());
    else if (field === 7) mergedEntityIds.push(reader.text());
    else if (field === 8) policies.push(reader.text());
    else if (field === 10) {
      const { key, value } = readEntry(reader.bytes());
      const secret = readEntry(value);
      mfaSecrets[key] = { methodName: secret.key, totp: secret.value };
    } else if (field === 11) disabled = reader.bool();
    else if ([2, 3, 9, 12].includes(field)) texts.set(field, reader.text());
  }
  const text = (field: number): string => texts.get(field) ?? '';
  return {
    id: text(2),
    name: text(3),
    aliases,
    metadata,
    creationTime,
    lastUpdateTime,
    mergedEntityIds,
    policies,
    bucketKey: text(9),
    mfaSecrets,
    disabled,
    namespaceId: text(12),
  };
}

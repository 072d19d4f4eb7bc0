/** Entities as upstream packs them: 256 buckets, each a protobuf message with many entities. */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import type { Micros } from '../../runtime.ts';
import type { EntityAlias } from '../services.ts';

const ENTITY_TYPE = 'type.googleapis.com/identity.Entity';

/** Times are wall micros. */
export interface StoredAlias extends EntityAlias {
  readonly canonicalId: string;
  readonly mountPath: string;
  readonly creationTime: Micros;
  readonly lastUpdateTime: Micros;
  readonly namespaceId: string;
  readonly localBucketKey: string;
  readonly local: boolean;
}

export interface StoredEntity {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly StoredAlias[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly creationTime: Micros;
  readonly lastUpdateTime: Micros;
  readonly mergedEntityIds: readonly string[];
  readonly policies: readonly string[];
  readonly bucketKey: string;
  readonly disabled: boolean;
  readonly namespaceId: string;
}

const timestamp = (micros: Micros): Uint8Array =>
  new ProtobufWriter()
    .uint(1, Math.floor(micros / 1_000_000))
    .uint(2, (micros % 1_000_000) * 1_000)
    .finish();

function readTimestamp(bytes: Uint8Array): Micros {
  const reader = new ProtobufReader(bytes);
  let micros = 0;
  while (reader.next()) {
    if (reader.field === 1) micros += reader.uint() * 1_000_000;
    else if (reader.field === 2) micros += Math.floor(reader.uint() / 1_000);
  }
  return micros;
}

function writeMap(writer: ProtobufWriter, field: number, map: Readonly<Record<string, string>> | undefined): void {
  for (const key of Object.keys(map ?? {}).sort()) {
    writer.explicitBytes(field, new ProtobufWriter().text(1, key).text(2, map![key]!).finish());
  }
}

function readPair(bytes: Uint8Array): [string, string] {
  const pair: [string, string] = ['', ''];
  const reader = new ProtobufReader(bytes);
  while (reader.next()) if (reader.field === 1 || reader.field === 2) pair[reader.field - 1] = reader.text();
  return pair;
}

function encodeAlias(alias: StoredAlias): Uint8Array {
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
    .explicitBytes(9, timestamp(alias.lastUpdateTime))
    .text(11, alias.namespaceId);
  writeMap(writer, 12, alias.customMetadata);
  return writer.bool(13, alias.local).text(14, alias.localBucketKey).finish();
}

function decodeAlias(bytes: Uint8Array): StoredAlias {
  const texts = new Map<number, string>();
  const metadata: Record<string, string> = {};
  const customMetadata: Record<string, string> = {};
  let creationTime = 0;
  let lastUpdateTime = 0;
  let local = false;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const { field } = reader;
    if (field === 8) creationTime = readTimestamp(reader.bytes());
    else if (field === 9) lastUpdateTime = readTimestamp(reader.bytes());
    else if (field === 13) local = reader.bool();
    else if (field === 6 || field === 12) {
      const [key, value] = readPair(reader.bytes());
      (field === 6 ? metadata : customMetadata)[key] = value;
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
    namespaceId: text(11),
    customMetadata,
    local,
    localBucketKey: text(14),
  };
}

function encodeEntity(entity: StoredEntity): Uint8Array {
  const writer = new ProtobufWriter();
  for (const alias of entity.aliases) writer.explicitBytes(1, encodeAlias(alias));
  writer.text(2, entity.id).text(3, entity.name);
  writeMap(writer, 4, entity.metadata);
  writer.explicitBytes(5, timestamp(entity.creationTime)).explicitBytes(6, timestamp(entity.lastUpdateTime));
  for (const id of entity.mergedEntityIds) writer.text(7, id);
  for (const policy of entity.policies) writer.text(8, policy);
  return writer.text(9, entity.bucketKey).bool(11, entity.disabled).text(12, entity.namespaceId).finish();
}

function decodeEntity(bytes: Uint8Array): StoredEntity {
  const aliases: StoredAlias[] = [];
  const metadata: Record<string, string> = {};
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
      const [key, value] = readPair(reader.bytes());
      metadata[key] = value;
    } else if (field === 5) creationTime = readTimestamp(reader.bytes());
    else if (field === 6) lastUpdateTime = readTimestamp(reader.bytes());
    else if (field === 7) mergedEntityIds.push(reader.text());
    else if (field === 8) policies.push(reader.text());
    else if (field === 11) disabled = reader.bool();
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
    disabled,
    namespaceId: text(12),
  };
}

/** `key` is the bucket's own: 'packer/buckets/<n>'. */
export function encodeBucket(key: string, entities: Iterable<StoredEntity>): Uint8Array {
  const writer = new ProtobufWriter().text(1, key);
  for (const entity of entities) {
    const any = new ProtobufWriter().text(1, ENTITY_TYPE).explicitBytes(2, encodeEntity(entity)).finish();
    writer.explicitBytes(2, new ProtobufWriter().text(1, entity.id).explicitBytes(2, any).finish());
  }
  return writer.finish();
}

/** Throws ProtobufError. */
export function decodeBucket(bytes: Uint8Array): StoredEntity[] {
  const entities: StoredEntity[] = [];
  const bucket = new ProtobufReader(bytes);
  while (bucket.next()) {
    if (bucket.field !== 2) continue;
    const item = new ProtobufReader(bucket.bytes());
    while (item.next()) {
      if (item.field !== 2) continue;
      const any = new ProtobufReader(item.bytes());
      while (any.next()) if (any.field === 2) entities.push(decodeEntity(any.bytes()));
    }
  }
  return entities;
}

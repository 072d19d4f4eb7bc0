/** How versions and metadata look to clients. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { JsonNumber, emptyObject, isObject, parse } from '../../codec/json.ts';
import { formatDuration } from '../../codec/duration.ts';
import { formatTimestamp } from '../../codec/rfc3339.ts';
import { isList } from '../../framework/coerce.ts';
import type { Reply } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { noBytes } from '../../codec/bytes.ts';
import type { KeyMetadata, Timestamp, VersionMetadata } from './messages.ts';

export const shownTime = (time: Timestamp | undefined): string =>
  time === undefined ? '' : formatTimestamp(time.seconds, time.nanos);

export const isBefore = (a: Timestamp, b: Timestamp): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);

/** Deleted by now (a deletion time may lie ahead). */
export const isDeleted = (version: VersionMetadata, now: Timestamp): boolean =>
  version.deletionTime !== undefined && isBefore(version.deletionTime, now);

export function shownVersion(metadata: KeyMetadata, number: number, version: VersionMetadata): JsonObject {
  return {
    version: number,
    created_time: shownTime(version.createdTime),
    deletion_time: shownTime(version.deletionTime),
    destroyed: version.destroyed,
    custom_metadata: shownCustom(metadata),
  };
}

function shownCustom({ customMetadata }: KeyMetadata): JsonValue {
  if (customMetadata.size === 0) return null;
  const custom = emptyObject();
  for (const [name, value] of customMetadata) custom[name] = value;
  return custom;
}

export function shownMetadata(metadata: KeyMetadata): JsonObject {
  const versions = emptyObject();
  for (const [number, version] of metadata.versions) {
    versions[String(number)] = {
      created_time: shownTime(version.createdTime),
      deletion_time: shownTime(version.deletionTime),
      destroyed: version.destroyed,
    };
  }
  return {
    versions,
    current_version: metadata.currentVersion,
    oldest_version: metadata.oldestVersion,
    created_time: shownTime(metadata.createdTime),
    updated_time: shownTime(metadata.updatedTime),
    max_versions: metadata.maxVersions,
    cas_required: metadata.casRequired,
    metadata_cas_required: metadata.metadataCasRequired,
    current_metadata_version: metadata.metadataVersion,
    delete_version_after: formatDuration(metadata.deleteVersionAfter ?? 0),
    custom_metadata: shownCustom(metadata),
  };
}

/** Stored data as it comes back: through float64, as encoding/json gives it without UseNumber. */
export const parseStored = (data: Uint8Array): JsonValue => asFloats(parse(data));

function asFloats(value: JsonValue): JsonValue {
  if (value instanceof JsonNumber) return Number(value.literal);
  if (isList(value)) return value.some(hasLiteral) ? value.map(asFloats) : value;
  if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const part = value[key]!;
      if (hasLiteral(part)) value[key] = asFloats(part);
    }
  }
  return value;
}

const hasLiteral = (value: JsonValue): boolean => typeof value === 'object' && value !== null;

/** A 404 with an empty body, unlike the usual `{"errors":[]}`. */
export const emptyNotFound = (): Reply =>
  reply({ raw: { status: 404, contentType: 'application/json', body: noBytes } });

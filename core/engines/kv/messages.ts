/** What KV version 2 stores: protobuf messages with upstream's field numbers, written in upstream's order. */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { noBytes } from '../../codec/bytes.ts';
import { compareText } from '../../codec/bytes.ts';
import type { Micros } from '../../runtime.ts';
import { duration, readDuration, readTimestamp, timestamp } from './wire-time.ts';
import type { Timestamp } from './wire-time.ts';

export type { Timestamp };

export interface Configuration {
  maxVersions: number;
  casRequired: boolean;
  metadataCasRequired: boolean;
  /** Micros; 0: not set, negative: switched off. */
  deleteVersionAfter: Micros;
}

export interface VersionMetadata {
  createdTime: Timestamp | undefined;
  deletionTime: Timestamp | undefined;
  destroyed: boolean;
}

export interface KeyMetadata {
  key: string;
  /** In the order of the version numbers. */
  versions: Map<number, VersionMetadata>;
  currentVersion: number;
  oldestVersion: number;
  createdTime: Timestamp | undefined;
  updatedTime: Timestamp | undefined;
  maxVersions: number;
  casRequired: boolean;
  /** Undefined: never set, which is stored differently from 0. */
  deleteVersionAfter: Micros | undefined;
  customMetadata: Map<string, string>;
  metadataCasRequired: boolean;
  metadataVersion: number;
}

export interface Version {
  /** The client's data as JSON. */
  readonly data: Uint8Array;
  readonly createdTime: Timestamp | undefined;
  readonly deletionTime: Timestamp | undefined;
}

export interface UpgradeInfo {
  readonly startedTime: Timestamp | undefined;
  readonly done: boolean;
}

export const newMetadata = (key: string): KeyMetadata => ({
  key,
  versions: new Map(),
  currentVersion: 0,
  oldestVersion: 0,
  createdTime: undefined,
  updatedTime: undefined,
  maxVersions: 0,
  casRequired: false,
  deleteVersionAfter: undefined,
  customMetadata: new Map(),
  metadataCasRequired: false,
  metadataVersion: 0,
});

export function encodeConfiguration(config: Configuration): Uint8Array {
  const writer = new ProtobufWriter().uint(1, config.maxVersions).bool(2, config.casRequired);
  duration(writer, 3, config.deleteVersionAfter === 0 ? undefined : config.deleteVersionAfter);
  return writer.bool(400, config.metadataCasRequired).finish();
}

export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const config = { maxVersions: 0, casRequired: false, metadataCasRequired: false, deleteVersionAfter: 0 };
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) config.maxVersions = reader.uint();
    else if (reader.field === 2) config.casRequired = reader.bool();
    else if (reader.field === 3) config.deleteVersionAfter = readDuration(reader.message());
    else if (reader.field === 400) config.metadataCasRequired = reader.bool();
  }
  return config;
}

const newVersion = (): VersionMetadata => ({ createdTime: undefined, deletionTime: undefined, destroyed: false });

function versionMetadata(version: VersionMetadata): ProtobufWriter {
  const writer = new ProtobufWriter();
  timestamp(writer, 1, version.createdTime);
  timestamp(writer, 2, version.deletionTime);
  return writer.bool(3, version.destroyed);
}

function decodeVersionMetadata(reader: ProtobufReader): VersionMetadata {
  const version = newVersion();
  while (reader.next()) {
    if (reader.field === 1) version.createdTime = readTimestamp(reader.message());
    else if (reader.field === 2) version.deletionTime = readTimestamp(reader.message());
    else if (reader.field === 3) version.destroyed = reader.bool();
  }
  return version;
}

/** Map entries are written in key order; upstream's order is Go's, which is random. */
export function encodeMetadata(metadata: KeyMetadata): Uint8Array {
  const writer = new ProtobufWriter().text(1, metadata.key);
  for (const [number, version] of metadata.versions) {
    writer.message(2, new ProtobufWriter().explicitUint(1, number).message(2, versionMetadata(version)));
  }
  writer.uint(3, metadata.currentVersion).uint(4, metadata.oldestVersion);
  timestamp(writer, 5, metadata.createdTime);
  timestamp(writer, 6, metadata.updatedTime);
  writer.uint(7, metadata.maxVersions).bool(8, metadata.casRequired);
  duration(writer, 9, metadata.deleteVersionAfter);
  for (const name of [...metadata.customMetadata.keys()].sort(compareText)) {
    const value = metadata.customMetadata.get(name)!;
    writer.message(10, new ProtobufWriter().text(1, name).text(2, value));
  }
  return writer.bool(400, metadata.metadataCasRequired).uint(401, metadata.metadataVersion).finish();
}

export function decodeMetadata(bytes: Uint8Array): KeyMetadata {
  const metadata = newMetadata('');
  const reader = new ProtobufReader(bytes);
  let last = 0;
  let sorted = true;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        metadata.key = reader.text();
        break;
      case 2: {
        const [number, version] = decodeVersionEntry(reader.message());
        metadata.versions.set(number, version);
        sorted &&= number > last;
        last = number;
        break;
      }
      case 3:
        metadata.currentVersion = reader.uint();
        break;
      case 4:
        metadata.oldestVersion = reader.uint();
        break;
      case 5:
        metadata.createdTime = readTimestamp(reader.message());
        break;
      case 6:
        metadata.updatedTime = readTimestamp(reader.message());
        break;
      case 7:
        metadata.maxVersions = reader.uint();
        break;
      case 8:
        metadata.casRequired = reader.bool();
        break;
      case 9:
        metadata.deleteVersionAfter = readDuration(reader.message());
        break;
      case 10: {
        const [name, value] = decodeTextEntry(reader.message());
        metadata.customMetadata.set(name, value);
        break;
      }
      case 400:
        metadata.metadataCasRequired = reader.bool();
        break;
      case 401:
        metadata.metadataVersion = reader.uint();
        break;
    }
  }
  if (!sorted) metadata.versions = new Map([...metadata.versions].sort(([a], [b]) => a - b));
  return metadata;
}

function decodeVersionEntry(reader: ProtobufReader): [number, VersionMetadata] {
  let number = 0;
  let version: VersionMetadata | undefined;
  while (reader.next()) {
    if (reader.field === 1) number = reader.uint();
    else if (reader.field === 2) version = decodeVersionMetadata(reader.message());
  }
  return [number, version ?? newVersion()];
}

function decodeTextEntry(reader: ProtobufReader): [string, string] {
  let name = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) value = reader.text();
  }
  return [name, value];
}

export function encodeVersion(version: Version): Uint8Array {
  const writer = new ProtobufWriter().bytes(1, version.data);
  timestamp(writer, 2, version.createdTime);
  timestamp(writer, 3, version.deletionTime);
  return writer.finish();
}

export function decodeVersion(bytes: Uint8Array): Version {
  let data: Uint8Array = noBytes;
  let createdTime: Timestamp | undefined;
  let deletionTime: Timestamp | undefined;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) data = reader.bytes();
    else if (reader.field === 2) createdTime = readTimestamp(reader.message());
    else if (reader.field === 3) deletionTime = readTimestamp(reader.message());
  }
  return { data, createdTime, deletionTime };
}

export function encodeUpgradeInfo(info: UpgradeInfo): Uint8Array {
  const writer = new ProtobufWriter();
  timestamp(writer, 1, info.startedTime);
  return writer.bool(2, info.done).finish();
}

export function decodeUpgradeInfo(bytes: Uint8Array): UpgradeInfo {
  let startedTime: Timestamp | undefined;
  let done = false;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) startedTime = readTimestamp(reader.message());
    else if (reader.field === 2) done = reader.bool();
  }
  return { startedTime, done };
}

/**
 * A named key: its settings and its versions, stored as upstream's JSON under `policy/<name>`. A value: whoever
 * changes it makes another one.
 */
import { asBoolean, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { failure, type Fault } from '../../fault.ts';
import type { Form } from '../../framework/collection.ts';
import { fromNanos, nanos } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import { keyTypeOfId, type KeyType } from './key-type.ts';
import { decodeVersion, encodeVersion, NO_VERSION, type KeyVersion } from './key-version.ts';

/** When a key was backed up or restored, and what its newest version was. */
export interface Moment {
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly version: number;
}

export type Kdf = 'hmac-sha256-counter' | 'hkdf_sha256';
const KDFS: readonly Kdf[] = ['hmac-sha256-counter', 'hkdf_sha256'];

export interface Policy {
  readonly name: string;
  readonly type: KeyType;
  /** Bytes; HMAC keys only, else 0. */
  readonly keySize: number;
  /** Those from `minDecryptionVersion` on; the archive has all. */
  readonly keys: ReadonlyMap<number, KeyVersion>;
  readonly derived: boolean;
  readonly kdf: Kdf;
  readonly convergent: boolean;
  readonly exportable: boolean;
  readonly minDecryptionVersion: number;
  readonly minEncryptionVersion: number;
  readonly latestVersion: number;
  readonly archiveVersion: number;
  readonly archiveMinVersion: number;
  readonly minAvailableVersion: number;
  readonly deletionAllowed: boolean;
  /** -1: each version has its own. */
  readonly convergentVersion: number;
  readonly backupInfo?: Moment;
  readonly restoreInfo?: Moment;
  readonly allowPlaintextBackup: boolean;
  readonly autoRotatePeriod: Micros;
  readonly imported: boolean;
  readonly allowImportedKeyRotation: boolean;
  readonly softDeleted: boolean;
}

export const newPolicy = (name: string, type: KeyType): Policy => ({
  name,
  type,
  keySize: 0,
  keys: new Map(),
  derived: false,
  kdf: 'hmac-sha256-counter',
  convergent: false,
  exportable: false,
  minDecryptionVersion: 1,
  minEncryptionVersion: 0,
  latestVersion: 0,
  archiveVersion: 0,
  archiveMinVersion: 0,
  minAvailableVersion: 0,
  deletionAllowed: false,
  convergentVersion: 0,
  allowPlaintextBackup: false,
  autoRotatePeriod: 0,
  imported: false,
  allowImportedKeyRotation: false,
  softDeleted: false,
});

/** A policy that derives has a key derivation function of its own. */
export function blankPolicy(name: string, type: KeyType, how: { derived: boolean; convergent: boolean }): Policy {
  const blank = newPolicy(name, type);
  if (!how.derived) return blank;
  return {
    ...blank,
    derived: true,
    kdf: 'hkdf_sha256',
    convergent: how.convergent,
    convergentVersion: how.convergent ? -1 : 0,
  };
}

/** Throws upstream's error when the version is not at hand. */
export function versionOf(policy: Policy, number: number, fault: (message: string) => Fault = failure): KeyVersion {
  const version = policy.keys.get(number);
  if (version === undefined) throw fault('no such key version');
  return version;
}

const encodeMoment = (moment: Moment | undefined): JsonValue =>
  moment === undefined
    ? null
    : new Map<string, JsonValue>([
        ['time', moment.time],
        ['version', moment.version],
      ]);

const decodeMoment = (stored: JsonValue | undefined): Moment | undefined =>
  isObject(stored)
    ? { time: asString(stored['time']) ?? NO_VERSION.time, version: asNumber(stored['version']) ?? 0 }
    : undefined;

export function encodePolicy(policy: Policy): ReadonlyMap<string, JsonValue> {
  // Go sorts the keys of a map as texts.
  const keys = Object.fromEntries([...policy.keys].map(([number, version]) => [number, encodeVersion(version)]));
  return new Map<string, JsonValue>([
    ['name', policy.name],
    ...(policy.keySize === 0 ? [] : [['key_size', policy.keySize] as const]),
    ['keys', keys],
    ['derived', policy.derived],
    ['kdf', KDFS.indexOf(policy.kdf)],
    ['convergent_encryption', policy.convergent],
    ['exportable', policy.exportable],
    ['min_decryption_version', policy.minDecryptionVersion],
    ['min_encryption_version', policy.minEncryptionVersion],
    ['latest_version', policy.latestVersion],
    ['archive_version', policy.archiveVersion],
    ['archive_min_version', policy.archiveMinVersion],
    ['min_available_version', policy.minAvailableVersion],
    ['deletion_allowed', policy.deletionAllowed],
    ['convergent_version', policy.convergentVersion],
    ['type', policy.type.id],
    ['backup_info', encodeMoment(policy.backupInfo)],
    ['restore_info', encodeMoment(policy.restoreInfo)],
    ['allow_plaintext_backup', policy.allowPlaintextBackup],
    ['version_template', ''],
    ['storage_prefix', ''],
    ['auto_rotate_period', nanos(policy.autoRotatePeriod)],
    ['Imported', policy.imported],
    ['AllowImportedKeyRotation', policy.allowImportedKeyRotation],
    ['soft_deleted', policy.softDeleted],
  ]);
}

function decodeKeys(stored: JsonObject): Map<number, KeyVersion> {
  const numbers = Object.keys(stored).map(Number);
  numbers.sort((a, b) => a - b);
  return new Map(
    numbers.flatMap((number) => {
      const version = stored[String(number)];
      return isObject(version) ? [[number, decodeVersion(version)] as const] : [];
    }),
  );
}

/** Missing parts are as Go's zero values. */
export function decodePolicy(stored: JsonObject): Policy {
  const type = keyTypeOfId(asNumber(stored['type']) ?? 0);
  if (type === undefined) throw failure(`unknown key type ${asNumber(stored['type'])}`);
  const number = (name: string): number => asNumber(stored[name]) ?? 0;
  const flag = (name: string): boolean => asBoolean(stored[name]) ?? false;
  const backupInfo = decodeMoment(stored['backup_info']);
  const restoreInfo = decodeMoment(stored['restore_info']);
  return {
    name: asString(stored['name']) ?? '',
    type,
    keySize: number('key_size'),
    keys: decodeKeys(asObject(stored['keys']) ?? {}),
    derived: flag('derived'),
    kdf: KDFS[number('kdf')] ?? 'hmac-sha256-counter',
    convergent: flag('convergent_encryption'),
    exportable: flag('exportable'),
    minDecryptionVersion: number('min_decryption_version'),
    minEncryptionVersion: number('min_encryption_version'),
    latestVersion: number('latest_version'),
    archiveVersion: number('archive_version'),
    archiveMinVersion: number('archive_min_version'),
    minAvailableVersion: number('min_available_version'),
    deletionAllowed: flag('deletion_allowed'),
    convergentVersion: number('convergent_version'),
    ...(backupInfo === undefined ? {} : { backupInfo }),
    ...(restoreInfo === undefined ? {} : { restoreInfo }),
    allowPlaintextBackup: flag('allow_plaintext_backup'),
    autoRotatePeriod: fromNanos(number('auto_rotate_period')),
    imported: flag('Imported'),
    allowImportedKeyRotation: flag('AllowImportedKeyRotation'),
    softDeleted: flag('soft_deleted'),
  };
}

export const policyForm: Form<Policy> = {
  encode: encodePolicy,
  decode: (stored) => decodePolicy(isObject(stored) ? stored : {}),
};

/** Every version that was ever made, from `archiveMinVersion` on; stored under `archive/<name>`. */
export type Archive = readonly KeyVersion[];

export const archiveForm: Form<Archive> = {
  encode: (archive) => ({ keys: archive.map(encodeVersion) }),
  decode: (stored) => {
    const keys = isObject(stored) ? stored['keys'] : undefined;
    return Array.isArray(keys) ? (keys as JsonValue[]).map((key) => decodeVersion(isObject(key) ? key : {})) : [];
  },
};

/** A namespace as its parent stores it, at `core/namespaces/<uuid>`. */
import { asBoolean, asString, asStringMap } from '../../codec/json-fields.ts';
import { parseObject } from '../../codec/json.ts';
import type { JsonValue } from '../../codec/json.ts';
import { encodeEntry } from '../../framework/collection.ts';
import type { Namespace } from '../../framework/logical.ts';

export const namespaceFolder = 'core/namespaces/';

/** Replaced as a whole when something of it changes. */
export interface NamespaceEntry extends Namespace {
  /** Being deleted. */
  readonly tainted: boolean;
  /** Sealed on request, so that no node opens it by itself. */
  readonly manuallySealed: boolean;
  /** '' unless its API is locked. */
  readonly unlockKey: string;
  readonly customMetadata: Readonly<Record<string, string>>;
}

export function encodeNamespace(entry: NamespaceEntry): Uint8Array {
  return encodeEntry(
    new Map<string, JsonValue>([
      ['id', entry.id],
      ['uuid', entry.uuid],
      ['path', entry.path],
      ['tainted', entry.tainted],
      ['manually_sealed', entry.manuallySealed],
      ['unlock_key', entry.unlockKey],
      ['custom_metadata', entry.customMetadata],
    ]),
  );
}

export function decodeNamespace(stored: Uint8Array): NamespaceEntry {
  const row = parseObject(stored);
  return {
    id: asString(row['id']) ?? '',
    uuid: asString(row['uuid']) ?? '',
    path: asString(row['path']) ?? '',
    tainted: asBoolean(row['tainted']) ?? false,
    manuallySealed: asBoolean(row['manually_sealed']) ?? false,
    unlockKey: asString(row['unlock_key']) ?? '',
    customMetadata: asStringMap(row['custom_metadata']) ?? {},
  };
}

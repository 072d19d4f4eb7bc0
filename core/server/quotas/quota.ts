/** A rate-limit quota as stored at `sys/quotas/rate-limit/<name>`. */
import { asBoolean, asNumber, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Micros } from '../../runtime.ts';

export interface Quota {
  readonly id: string;
  readonly name: string;
  /** Of the namespace, trailing '/'; '' for root. */
  readonly namespacePath: string;
  /** 'auth/approle/', trailing '/'; '' for a whole namespace. */
  readonly mountPath: string;
  /** Of an auth method's login; excludes a path suffix. */
  readonly role: string;
  /** What follows the mount path; a final '*' makes it a prefix. */
  readonly suffix: string;
  /** Requests an interval. */
  readonly rate: number;
  readonly interval: Micros;
  /** 0: none. */
  readonly blockInterval: Micros;
  readonly inheritable: boolean;
}

export const pathOf = (quota: Quota): string => quota.namespacePath + quota.mountPath + quota.suffix;

export function encodeQuota(quota: Quota): Uint8Array {
  const row = new Map<string, JsonValue>([
    ['id', quota.id],
    ['type', 'rate-limit'],
    ['name', quota.name],
    ['namespace_path', quota.namespacePath],
    ['mount_path', quota.mountPath],
    ['role', quota.role],
    ['path_suffix', quota.suffix],
    ['rate', quota.rate],
    ['interval', quota.interval * 1_000],
    ['block_interval', quota.blockInterval * 1_000],
    ['inheritable', quota.inheritable],
  ]);
  return encodeUtf8(`${print(row)}\n`);
}

export function decodeQuota(bytes: Uint8Array): Quota {
  const row = parseObject(bytes);
  const text = (key: string): string => asString(row[key]) ?? '';
  const micros = (key: string): Micros => Math.floor((asNumber(row[key]) ?? 0) / 1_000);
  return {
    id: text('id'),
    name: text('name'),
    namespacePath: text('namespace_path'),
    mountPath: text('mount_path'),
    role: text('role'),
    suffix: text('path_suffix'),
    rate: asNumber(row['rate']) ?? 0,
    interval: micros('interval'),
    blockInterval: micros('block_interval'),
    inheritable: asBoolean(row['inheritable']) ?? false,
  };
}

/** The audit devices' rows in storage: one gzipped blob for the cluster's, one for this node's own (facts §1.1). */
import { compress, decompress } from '../../codec/canary.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject, parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Storage } from '../../storage/storage.ts';
import { entryOfRow, rowOfEntry } from '../mounts/entry-codec.ts';
import type { MountEntry } from '../mounts/entry.ts';

export const auditTableKeys = ['core/audit', 'core/local-audit'] as const;

/** Undefined when neither blob exists yet. */
export async function loadDevices(barrier: Storage): Promise<MountEntry[] | undefined> {
  const entries: MountEntry[] = [];
  let any = false;
  for (const key of auditTableKeys) {
    const stored = await barrier.get(key);
    if (!stored) continue;
    any = true;
    const rows = parseObject(decompress(stored))['entries'];
    if (Array.isArray(rows)) for (const row of rows) if (isObject(row)) entries.push(entryOfRow(row));
  }
  return any ? entries : undefined;
}

export async function saveDevices(barrier: Storage, entries: readonly MountEntry[]): Promise<void> {
  for (const key of auditTableKeys) {
    const rows = entries.filter((entry) => entry.local === (key === 'core/local-audit')).map(rowOfEntry);
    const table = new Map<string, JsonValue>([
      ['type', 'audit'],
      ['entries', rows.length === 0 ? null : rows],
    ]);
    await barrier.put(key, compress(encodeUtf8(`${print(table)}\n`)));
  }
}

/**
 * The note that a mount has nothing left of an older layout of its storage. Whoever finds none moves what there is: for us
 * nothing, since such old mounts are not read here, and then there is no note either.
 */
import type { JsonValue } from '../codec/json.ts';
import { encodeHex } from '../codec/hex.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import type { Reader, Writer } from '../storage/storage.ts';
import { encodeEntry } from './collection.ts';
import type { BackendContext } from './logical.ts';

export interface MigrationNote {
  readonly place: string;
  /** Of the layout that is in force. */
  readonly version: number;
  /** What a migration would have made, beside an issuer. */
  readonly made: readonly string[];
  /** Where the older layout has its authority. */
  readonly older: readonly string[];
}

/** False where there is one already, or would have to be a migration. Only the active node may write. */
export async function noteMigration(
  { place, version, made, older }: MigrationNote,
  storage: Reader & Writer,
  { runtime, system }: BackendContext,
): Promise<boolean> {
  if (!system.active || (await storage.get(place)) !== undefined) return false;
  for (const one of older) if ((await storage.get(one)) !== undefined) return false;
  const note = new Map<string, JsonValue>([
    ['hash', encodeHex(runtime.crypto.hash('sha256'))],
    ['created', formatRfc3339(runtime.clock.wall())],
    ...['issuer_id', ...made].map((name): [string, JsonValue] => [name, '']),
    ['migrationVersion', version],
  ]);
  await storage.put(place, encodeEntry(note));
  return true;
}

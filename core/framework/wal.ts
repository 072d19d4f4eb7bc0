/**
 * What an engine is about to do elsewhere, written down before (`wal/<uuid>`, in upstream's form), so that it can be
 * undone when nobody said afterwards that it was done.
 */
import { asNumber, asObject, asString } from '../codec/json-fields.ts';
import { parse, type JsonObject, type JsonValue } from '../codec/json.ts';
import { makeUuid } from '../codec/uuid.ts';
import { SECOND, type Micros, type Runtime } from '../runtime.ts';
import type { Reader, Storage, Writer } from '../storage/storage.ts';
import { encodeEntry } from './collection.ts';

const FOLDER = 'wal/';

/** Its name. */
export async function putWal(
  runtime: Runtime,
  storage: Reader & Writer,
  kind: string,
  data: JsonObject,
): Promise<string> {
  const name = makeUuid((length) => runtime.random.bytes(length));
  const created = Math.floor(runtime.clock.wall() / SECOND);
  const entry = new Map<string, JsonValue>([
    ['type', kind],
    ['data', data],
    ['created_at', created],
  ]);
  await storage.put(FOLDER + name, encodeEntry(entry));
  return name;
}

export interface Wal {
  readonly name: string;
  readonly kind: string;
  readonly data: JsonObject;
  /** Wall, in whole seconds. */
  readonly created: Micros;
}

export async function getWal(storage: Reader, name: string): Promise<Wal | undefined> {
  const bytes = await storage.get(FOLDER + name);
  if (bytes === undefined) return undefined;
  const entry = asObject(parse(bytes)) ?? {};
  const created = (asNumber(entry['created_at']) ?? 0) * SECOND;
  return { name, kind: asString(entry['type']) ?? '', data: asObject(entry['data']) ?? {}, created };
}

/** All, in the order of their names. */
export async function walsIn(storage: Reader): Promise<Wal[]> {
  const found: Wal[] = [];
  for (const name of await storage.list(FOLDER)) {
    const wal = await getWal(storage, name);
    if (wal !== undefined) found.push(wal);
  }
  return found;
}

/** Those of a kind. */
export const walsOf = async (storage: Reader, kind: string): Promise<Wal[]> =>
  (await walsIn(storage)).filter((wal) => wal.kind === kind);

export const deleteWal = (storage: Writer, name: string): Promise<void> => storage.delete(FOLDER + name);

/** Undoes what is older than `age`; what `undo` rejects for stays, and is logged. */
export async function rollBack(
  runtime: Runtime,
  storage: Storage,
  age: Micros,
  undo: (kind: string, data: JsonObject) => Promise<void>,
): Promise<void> {
  for (const name of await storage.list(FOLDER)) {
    const wal = await getWal(storage, name);
    if (wal === undefined || runtime.clock.wall() - wal.created < age) continue;
    try {
      await undo(wal.kind, wal.data);
      await deleteWal(storage, name);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      runtime.log.write('error', 'rollback', 'error rolling back', { name, error: text });
    }
  }
}

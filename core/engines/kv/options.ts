/** What several paths of KV version 2 share: the upgrade check, check-and-set, version arithmetic. */
import type { JsonObject } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import type { Call } from '../../framework/call.ts';
import { CoercionError, toInt } from '../../framework/coerce.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Answer } from '../../framework/reply.ts';
import { field } from '../../framework/field.ts';
import type { Reader, Writer } from '../../storage/storage.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { MILLISECOND } from '../../runtime.ts';
import type { Configuration, KeyMetadata, Timestamp, VersionMetadata } from './messages.ts';
import type { VersionedStore } from './versioned-store.ts';

export type KvCall = Call<VersionedStore, object, BackendContext>;

export const pathField = field.string('Location of the secret.', { required: true });

/** Wraps every operation: while version 1's data is being moved, requests wait a moment and are then refused. */
export function ready<I>(
  run: (input: I, store: VersionedStore, call: KvCall) => Promise<Answer>,
): (input: I, call: KvCall) => Promise<Answer> {
  return (input, call) => (call.state.upgrading ? afterUpgrade(run, input, call) : run(input, call.state, call));
}

async function afterUpgrade<I>(
  run: (input: I, store: VersionedStore, call: KvCall) => Promise<Answer>,
  input: I,
  call: KvCall,
): Promise<Answer> {
  const { state } = call;
  await call.runtime.clock.sleep(15 * MILLISECOND);
  if (!state.upgrading) return run(input, state, call);
  throw refuse(
    call.system.active
      ? 'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.'
      : 'Waiting for the primary to upgrade from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service when the primary is finished.',
  );
}

/** Whether the key exists: the existence check of data and metadata. */
export async function keyExists({ path }: { readonly path: string }, { state, storage }: KvCall): Promise<boolean> {
  try {
    return (await state.metadata(storage, path)) !== undefined;
  } catch (error) {
    // A standby may not make the key for names; nothing was ever stored then.
    if (error instanceof ReadOnly) return false;
    throw error;
  }
}

export function checkAndSet(options: JsonObject | undefined, config: Configuration, metadata: KeyMetadata): void {
  if (options !== undefined && Object.hasOwn(options, 'cas')) {
    let cas: number;
    try {
      cas = toInt(options['cas'] ?? null);
    } catch (error) {
      if (!(error instanceof CoercionError)) throw error;
      throw refuse('error parsing check-and-set parameter');
    }
    if (cas !== metadata.currentVersion) throw refuse('check-and-set parameter did not match the current version');
  } else if (config.casRequired || metadata.casRequired) {
    throw refuse('check-and-set parameter required for this call');
  }
}

/** When a version made at `from` will be deleted by itself: the shorter of the two settings that are set. */
export function deletionTime(from: Timestamp, config: Configuration, metadata: KeyMetadata): Timestamp | undefined {
  const mount = config.deleteVersionAfter;
  const key = metadata.deleteVersionAfter ?? 0;
  if (mount < 0 || (mount === 0 && key === 0)) return undefined;
  const after = key === 0 || (mount !== 0 && mount < key) ? mount : key;
  const seconds = Math.floor(after / 1_000_000);
  const nanos = from.nanos + (after - seconds * 1_000_000) * 1_000;
  const carry = nanos >= 1_000_000_000 ? 1 : 0;
  return { seconds: from.seconds + seconds + carry, nanos: nanos - carry * 1_000_000_000 };
}

const DEFAULT_MAX_VERSIONS = 10;

/** Counts a new version in. Returns it, and the highest version that is now one too many (0: none). */
export function addVersion(
  metadata: KeyMetadata,
  createdTime: Timestamp,
  deleted: Timestamp | undefined,
  configured: number,
): { readonly version: VersionMetadata; readonly obsolete: number } {
  const version = { createdTime, deletionTime: deleted, destroyed: false };
  metadata.currentVersion++;
  metadata.versions.set(metadata.currentVersion, version);
  metadata.updatedTime = createdTime;
  metadata.createdTime ??= createdTime;
  const most = Math.max(metadata.maxVersions, configured) || DEFAULT_MAX_VERSIONS;
  if (metadata.versions.size < most) return { version, obsolete: 0 };
  const obsolete = metadata.currentVersion - most;
  for (let old = metadata.oldestVersion; old <= obsolete; old++) metadata.versions.delete(old);
  metadata.oldestVersion = obsolete + 1;
  return { version, obsolete };
}

/** Deletes the data of obsolete versions, oldest first, back to the first that is already gone. */
export async function cleanUp(
  store: VersionedStore,
  storage: Reader & Writer,
  key: string,
  obsolete: number,
): Promise<void> {
  const places: string[] = [];
  for (let number = obsolete; number > 0; number--) {
    const place = await store.versionPlace(storage, key, number);
    if ((await storage.get(place)) === undefined) break;
    places.unshift(place);
  }
  for (const place of places) await storage.delete(place);
}

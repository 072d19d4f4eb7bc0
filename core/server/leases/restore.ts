/** Loads every lease after unseal, a few at a time, while requests go on. */
import type { Log } from '../../runtime.ts';
import type { Leases } from '../services.ts';
import type { LeaseEntry } from './entry.ts';
import type { LeaseStore } from './lease-store.ts';

const WORKERS = 64;

/** `restored` returns false to stop. */
export async function restoreLeases(
  store: LeaseStore,
  leaseIds: readonly string[],
  restored: (entry: LeaseEntry) => boolean,
): Promise<void> {
  const ids = leaseIds.values();
  let going = true;
  const worker = async (): Promise<void> => {
    for (const leaseId of ids) {
      if (!going) return;
      const entry = await store.load(leaseId);
      if (entry !== undefined && !restored(entry)) going = false;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

/** Those of all namespaces; goes on in the background. `cancelled`: nobody waits for them any more. */
export function restoreTogether(log: Log, all: readonly Leases[], cancelled: () => boolean): void {
  log.write('info', 'core', 'restoring leases');
  const restore = async (): Promise<void> => {
    log.write('debug', 'expiration', 'collecting leases');
    const found: (readonly [Leases, readonly string[]])[] = [];
    for (const leases of all) found.push([leases, await leases.stored()]);
    const total = found.reduce((sum, [, ids]) => sum + ids.length, 0);
    log.write('debug', 'expiration', 'leases collected', { num_existing: total, namespaces: all.length });
    await Promise.all(found.map(([leases, ids]) => leases.load(ids)));
    if (!cancelled()) log.write('info', 'expiration', 'lease restore complete');
  };
  void restore().catch((error: unknown) => {
    if (!cancelled()) log.write('error', 'expiration', 'error restoring leases', { error });
  });
}

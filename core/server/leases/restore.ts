/** Loads every lease after unseal, a few at a time, while requests go on. */
import type { LeaseEntry } from './entry.ts';
import type { LeaseStore } from './lease-store.ts';

const WORKERS = 64;

/** `restored` returns false to stop. */
export async function restoreLeases(store: LeaseStore, restored: (entry: LeaseEntry) => boolean): Promise<void> {
  const ids = store.under('');
  let going = true;
  const worker = async (): Promise<void> => {
    while (going) {
      const next = await ids.next();
      if (next.done === true) return;
      const entry = await store.load(next.value);
      if (entry !== undefined && !restored(entry)) going = false;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

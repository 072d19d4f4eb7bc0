/** Keys that rotate by themselves: looked through once an hour, when their newest version has become too old. */
import { parseRfc3339 } from '../../codec/rfc3339.ts';
import { HOUR, type Runtime } from '../../runtime.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Policy } from './policy.ts';
import type { PolicyStore } from './store.ts';

function isDue(policy: Policy, now: number): boolean {
  const newest = policy.keys.get(policy.latestVersion);
  if (policy.autoRotatePeriod === 0 || newest === undefined) return false;
  return now > (parseRfc3339(newest.time) ?? 0) + policy.autoRotatePeriod;
}

/** A key that cannot be rotated is reported and does not keep the others from it. */
export async function rotateDue(store: PolicyStore, storage: Storage, { clock, log }: Runtime): Promise<void> {
  const now = clock.wall();
  if (now < store.nextRotationCheck) return;
  store.nextRotationCheck = now + HOUR;
  for (const name of await store.names(storage, {})) {
    if (name.endsWith('/')) continue;
    try {
      await store.change(name, storage, (policy) => (isDue(policy, now) ? store.rotated(policy) : policy));
    } catch (error) {
      const shown = error instanceof Error ? error.message : String(error);
      log.write('error', '', 'failed to automatically rotate key', { key: name, error: shown });
    }
  }
}

/** `sys/leases/tidy`: takes away leases whose token is gone, and index entries that lead nowhere. */
import type { ServiceContext } from '../services.ts';
import type { LeaseStore } from './lease-store.ts';

export async function tidyLeases(
  store: LeaseStore,
  context: ServiceContext,
  revoke: (leaseId: string) => Promise<void>,
): Promise<void> {
  const { log } = context.runtime;
  log.write('info', 'expiration', 'beginning tidy operation on leases');
  for (const folder of await store.indexedTokens()) {
    for (const { key, leaseId } of await store.indexed(folder.replace(/\/$/, ''))) {
      if (context.scope.cancelled) return;
      if ((await store.load(leaseId)) === undefined) await store.removeKey(key);
    }
  }
  for await (const leaseId of store.under('')) {
    if (context.scope.cancelled) return;
    const entry = await store.load(leaseId);
    if (entry === undefined || entry.clientToken === '') continue;
    if ((await context.services.tokens.lookup(entry.clientToken)) !== undefined) continue;
    try {
      await revoke(leaseId);
    } catch (error) {
      log.write('error', 'expiration', 'failed to revoke lease', { lease_id: leaseId, error: String(error) });
    }
  }
  log.write('info', 'expiration', 'finished tidy operation on leases');
}

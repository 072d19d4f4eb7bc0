/** `sys/leases/tidy`: takes away leases whose token is gone, and index entries that lead nowhere. */
import type { ServiceContext } from '../services.ts';
import type { LeaseStore } from './lease-store.ts';

export async function tidyLeases(
  store: LeaseStore,
  context: ServiceContext,
  revoke: (leaseId: string) => Promise<void>,
): Promise<void> {
  const { log } = context.runtime;
  const tell = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    log.write('info', 'expiration.tidy', message, fields);
  const count = { scanned: 0, empty: 0, invalid: 0, revoked: 0 };
  tell('beginning tidy operation on leases');
  for (const folder of await store.indexedTokens()) {
    for (const { key, leaseId } of await store.indexed(folder.replace(/\/$/, ''))) {
      if (context.scope.cancelled) return;
      if ((await store.load(leaseId)) === undefined) await store.removeKey(key);
    }
  }
  for await (const leaseId of store.under('')) {
    if (context.scope.cancelled) return;
    count.scanned += 1;
    const entry = await store.load(leaseId);
    if (entry === undefined) continue;
    if (entry.clientToken === '') {
      count.empty += 1;
      continue;
    }
    if ((await context.services.tokens.lookup(entry.clientToken)) !== undefined) continue;
    count.invalid += 1;
    try {
      await revoke(leaseId);
      count.revoked += 1;
    } catch (error) {
      log.write('error', 'expiration', 'failed to revoke lease', { lease_id: leaseId, error: String(error) });
    }
  }
  tell('number of leases scanned', { count: count.scanned });
  tell('number of leases which had empty tokens', { count: count.empty });
  tell('number of leases which had invalid tokens', { count: count.invalid });
  tell('number of leases successfully revoked', { count: count.revoked });
  tell('finished tidy operation on leases');
}

/** Before a namespace goes, everything in it ends in order: what its leases gave out is taken back first. */
import type { Realm } from './realm.ts';

/** They are needed to the end, and keep nothing of their own. */
const LAST: ReadonlySet<string> = new Set(['sys/', 'auth/token/']);

export async function emptyRealm({ mounts, services, namespace, runtime }: Realm): Promise<void> {
  const { log } = runtime;
  const all = [...mounts.all()];
  const routes = all.filter(({ point }) => !LAST.has(point));
  services.policies.tellLock();
  services.policies.tellLock();
  await mounts.tellInvalidated(true);
  for (const { entry } of routes) await mounts.change({ ...entry, tainted: true });
  for (const { point } of routes) await services.leases.revokePrefix(point);
  await services.leases.revokePrefix('auth/token/');
  for (const table of ['auth', 'mounts'] as const) {
    for (const route of all.filter(({ entry }) => entry.table === table)) {
      const { point, entry } = route;
      if (point === 'identity/') {
        const skipped = 'skipping OIDC periodic function for tainted namespace';
        log.write('info', 'core', skipped, { namespace: namespace.path });
      }
      if (LAST.has(point)) mounts.tellDisabled(route);
      else await mounts.disable(table, entry.path, () => Promise.resolve());
    }
  }
  log.write('debug', 'mfa', 'clearing paginated view', { total_keys: 0 });
  log.write('debug', 'mfa', 'paginated view cleared');
}

/** Before a namespace goes, everything in it ends in order: what its leases gave out is taken back first. */
import type { Realm } from './realm.ts';

export async function emptyRealm(realm: Realm): Promise<void> {
  const { mounts, services } = realm;
  const routes = [...mounts.all()].filter(({ point }) => point !== 'sys/' && point !== 'auth/token/');
  for (const { entry } of routes) await mounts.change({ ...entry, tainted: true });
  for (const { point } of routes) await services.leases.revokePrefix(point);
  await services.leases.revokePrefix('auth/token/');
  for (const { entry } of routes) await mounts.disable(entry.table, entry.path, () => Promise.resolve());
}

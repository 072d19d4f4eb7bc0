import { decodeEntry } from '../../core/server/mounts/entry-codec.ts';

const ROW = /^(?:namespaces\/([^/]+)\/)?core\/(?:local-)?(mounts|auth)\/[^/]+$/;
const NAMESPACE = /core\/namespaces\/([^/]+)$/;
const INSIDE = /^namespaces\/([^/]+)\//;
const STORED = /^(?:namespaces\/[^/]+\/)?(?:logical|auth)\/([^/]+)\//;
const LEASE = /^(?:namespaces\/([^/]+)\/)?sys\/expire\/id\/(.+)$/;

/** A mount that is gone leaves neither data nor leases, a namespace that is gone nothing at all. */
export function* wrongInMounts(entries: ReadonlyMap<string, Uint8Array>): Generator<string> {
  const namespaces = new Set<string>();
  const mounts = new Set<string>();
  /** Where they are mounted, by namespace. */
  const points = new Map<string, string[]>();
  for (const [key, value] of entries) {
    const child = NAMESPACE.exec(key)?.[1];
    if (child !== undefined) namespaces.add(child);
    const [row, namespace = '', table] = ROW.exec(key) ?? [];
    if (row === undefined) continue;
    const { uuid, path } = decodeEntry(value);
    mounts.add(uuid);
    const point = table === 'auth' ? `auth/${path}` : path;
    const known = points.get(namespace);
    if (known === undefined) points.set(namespace, [point]);
    else known.push(point);
  }
  // Every server has it; without it these are not all entries.
  if (points.get('')?.includes('sys/') !== true) return;
  const told = new Set<string>();
  for (const key of entries.keys()) {
    const namespace = INSIDE.exec(key)?.[1];
    if (namespace !== undefined && !namespaces.has(namespace)) {
      if (!told.has(namespace)) yield `the namespace ${namespace} is gone, and ${key} is not`;
      told.add(namespace);
      continue;
    }
    const mount = STORED.exec(key)?.[1];
    if (mount !== undefined && !mounts.has(mount) && !told.has(mount)) {
      told.add(mount);
      yield `the mount ${mount} is gone, and ${key} is not`;
    }
    const [lease, where = '', id = ''] = LEASE.exec(key) ?? [];
    if (lease !== undefined && points.get(where)?.some((point) => id.startsWith(point)) !== true)
      yield `the lease ${id} is of no mount`;
  }
}

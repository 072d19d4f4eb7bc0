/** The paths under sys/ that are the node's as a whole and answer in the root namespace alone. */
import { rootOnlyNames } from '../../http/root-only.ts';

const paths: readonly string[] = [
  ...rootOnlyNames,
  'audit',
  'audit-hash',
  'config/auditing',
  'config/cors',
  'config/reload',
  'config/state',
  'config/ui',
  'host-info',
  'internal/inspect/router',
  'loggers',
  'monitor',
  'quotas/config',
  'quotas/lease-count',
  'quotas/rate-limit',
  'replication/status',
].map((name) => `sys/${name}`);

export const isRootOnly = (path: string): boolean =>
  path.startsWith('sys/') && paths.some((one) => path === one || path.startsWith(`${one}/`));

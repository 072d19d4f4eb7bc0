/** The paths under sys/ that are the node's as a whole and answer in the root namespace alone. */
const paths: readonly string[] = [
  'audit',
  'audit-hash',
  'config/auditing',
  'config/cors',
  'config/reload',
  'config/state',
  'config/ui',
  'generate-recovery-token',
  'generate-root',
  'health',
  'host-info',
  'in-flight-req',
  'init',
  'internal/inspect/router',
  'loggers',
  'metrics',
  'monitor',
  'pprof',
  'quotas/config',
  'quotas/lease-count',
  'quotas/rate-limit',
  'raw',
  'rekey',
  'rekey-recovery-key',
  'seal',
  'step-down',
  'storage',
  'unseal',
].map((name) => `sys/${name}`);

export const isRootOnly = (path: string): boolean =>
  path.startsWith('sys/') && paths.some((one) => path === one || path.startsWith(`${one}/`));

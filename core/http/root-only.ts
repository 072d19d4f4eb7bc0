/**
 * Under sys/, and what is below them: asked for with any namespace header, they are refused before the namespace is
 * looked up.
 */
export const rootOnlyNames: readonly string[] = [
  'generate-recovery-token',
  'generate-root',
  'health',
  'in-flight-req',
  'init',
  'metrics',
  'pprof',
  'raw',
  'rekey',
  'rekey-recovery-key',
  'seal',
  'step-down',
  'storage',
  'unseal',
];

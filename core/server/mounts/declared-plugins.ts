/** `plugin` stanzas at post-unseal: what is built in is there, and a program keeps the node from going on. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import { PLUGIN_TYPES } from '../configuration/plugins.ts';
import type { Catalog } from './catalog.ts';

export interface DeclaredPlugin {
  readonly type: string;
  readonly name: string;
  /** Why its program cannot be registered. */
  readonly refused: string;
}

/** Throws for the first that is not there. */
export function checkDeclaredPlugins(plugins: readonly DeclaredPlugin[], catalog: Catalog): void {
  for (const [index, { type, name, refused }] of plugins.entries()) {
    if (isBuiltin(type, name, catalog)) continue;
    const reason = PLUGIN_TYPES.has(type)
      ? `failed to register new plugin: ${refused}`
      : `${quote(type)} is not a supported plugin type`;
    throw refuse(`failed to set up declarative plugins: [plugin ${index} (name: ${name} / type: ${type})]: ${reason}`);
  }
}

/** Plugins of upstream that are built in here count as there. Seals are not mounted. */
function isBuiltin(type: string, name: string, catalog: Catalog): boolean {
  if (type === 'kms') return true;
  if (type === 'database') return catalog.database.includes(name);
  return (type === 'auth' || type === 'secret') && catalog[type].has(name);
}

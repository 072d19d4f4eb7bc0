/** The seal that this machine's configuration, environment and files describe. */
import { readFileSync } from 'node:fs';
import type { Stanza } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { configuredSeals, type ConfiguredSeals } from '../core/server/seal/configured.ts';
import { StaticWrapper } from '../core/server/seal/static-wrapper.ts';
import type { Runtime } from '../core/runtime.ts';
import { codeOf, goTexts } from './errno.ts';

/** Loaded when there is something to load with it. */
const openModule = async (path: string) => (await import('./pkcs11/module.ts')).openModule(path);

/** Rejects with ConfigurationError and upstream's sentence. */
export async function hostSeals(runtime: Runtime, stanzas: readonly Stanza[]): Promise<ConfiguredSeals> {
  try {
    return await configuredSeals(runtime, stanzas, { environment, readFile, openModule });
  } catch (error) {
    throw new ConfigurationError(error instanceof Error ? error.message : String(error));
  }
}

/** The seal of `-dev-auto-seal`. */
export function devSeals(runtime: Runtime): ConfiguredSeals {
  const settings = { currentKey: runtime.random.bytes(32), currentKeyId: 'test-auto-key' };
  return { seal: new StaticWrapper(runtime, settings, 'test-auto'), old: undefined };
}

const environment = (name: string): string | undefined => process.env[name] || undefined;

function readFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const code = codeOf(error) ?? '';
    throw new Error(`open ${path}: ${goTexts[code] ?? code}`, { cause: error });
  }
}

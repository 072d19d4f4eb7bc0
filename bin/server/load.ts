/** Configuration files and folders of them. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ConfigurationError,
  mergeConfigurations,
  parseConfiguration,
} from '../../core/server/configuration/configuration.ts';
import type { Configuration } from '../../core/server/configuration/configuration.ts';
import { checkSeals } from '../../core/server/configuration/seals.ts';
import { interfacesOfHost } from '../../host/interfaces.ts';
import { environment } from './environment.ts';
import { codeOf, goTexts } from '../../host/errno.ts';

export interface Loaded {
  /** Undefined when no path was given. */
  readonly configuration: Configuration | undefined;
  readonly warnings: readonly string[];
}

/** Throws ConfigurationError with upstream's sentence. */
export async function loadConfiguration(given: readonly string[]): Promise<Loaded> {
  const fromEnvironment = environment('CONFIG_PATH');
  const paths = given.length > 0 || fromEnvironment === undefined ? given : [fromEnvironment];
  let configuration: Configuration | undefined;
  const warnings: string[] = [];
  for (const path of paths) {
    for (const file of await filesOf(path)) {
      const parsed = await load(file, path);
      warnings.push(...parsed.warnings);
      configuration =
        configuration === undefined ? parsed.configuration : mergeConfigurations(configuration, parsed.configuration);
    }
  }
  // A folder without files says nothing, which is not the same as no folder.
  if (configuration === undefined && paths.length > 0) ({ configuration } = parseConfiguration('', paths[0]!));
  return { configuration, warnings };
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
  } catch (error) {
    throw unreadable(path, 'stat', path, error);
  }
  const names = (await readdir(path)).filter((name) => /\.(hcl|json)$/.test(name));
  return names.sort().map((name) => join(path, name));
}

async function load(file: string, given: string): Promise<ReturnType<typeof parseConfiguration>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(given, 'open', file, error);
  }
  try {
    const parsed = parseConfiguration(text, file, interfacesOfHost);
    checkSeals(parsed.configuration.seals);
    return parsed;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const inFolder = file === given ? '' : `error loading ${JSON.stringify(file)}: `;
    throw new ConfigurationError(`error loading configuration from ${given}: ${inFolder}${error.message}`);
  }
}

function unreadable(given: string, operation: string, file: string, error: unknown): ConfigurationError {
  const code = codeOf(error) ?? '';
  return new ConfigurationError(
    `error loading configuration from ${given}: ${operation} ${file}: ${goTexts[code] ?? code}`,
  );
}

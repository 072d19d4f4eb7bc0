/** What a server looks at before it starts, and what it does not start with. */
import { resolve } from 'node:path';
import { quote } from '../core/codec/go-quote.ts';
import { parseObject } from '../core/codec/json.ts';
import { type Micros, type Runtime, SECOND } from '../core/runtime.ts';
import type { Reader } from '../core/storage/storage.ts';
import type { Configuration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { pathFault } from './disk.ts';

/** Throws ConfigurationError. Before storage is opened. */
export function checkSurroundings({ pluginDirectory, telemetry }: Configuration): void {
  if (pluginDirectory !== '') checkFolder(resolve(pluginDirectory));
  const wrong = (reason: string) => new ConfigurationError(`Error initializing telemetry: ${reason}`);
  const sent = (name: string): boolean => telemetry !== undefined && (telemetry.texts[name] ?? '') !== '';
  if (sent('circonus_api_token') || sent('circonus_submission_url'))
    throw wrong('metrics are not sent to Circonus here');
  if (sent('stackdriver_project_id')) throw wrong('metrics are not sent to Stackdriver here');
  for (const rule of telemetry?.prefixFilter ?? []) {
    if (rule === '') throw wrong('cannot have empty filter rule in prefix_filter');
    if (!/^[+-]/.test(rule)) throw wrong(`filter rule must begin with either '+' or '-': ${quote(rule)}`);
  }
}

function checkFolder(path: string): void {
  const fault = pathFault(path);
  if (fault === undefined) return;
  throw new ConfigurationError(`Error creating KMS plugin catalog: expand plugin directory: ${fault}`);
}

const MIGRATION_PATH = 'core/migration';
const MIGRATION_LOOK: Micros = 2 * SECOND;

/**
 * Resolves once the storage says that nobody is moving its contents elsewhere, however often it has to be asked. Throws
 * ConfigurationError when somebody is.
 */
export async function noMigration(
  storage: Reader,
  { clock, log }: Runtime,
  notice: (text: string) => void,
): Promise<void> {
  for (let warned = false; ; warned = true) {
    try {
      const stored = await storage.get(MIGRATION_PATH);
      if (stored === undefined) return;
      const { start } = parseObject(stored);
      throw new ConfigurationError(
        `ERROR! Storage migration in progress (started: ${typeof start === 'string' ? start : ''}). Server\n` +
          "startup is prevented until the migration completes. Use 'bao operator migrate\n" +
          "-reset' to force clear the migration lock.",
      );
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      if (!warned) notice('\nWARNING! Unable to read storage migration status.');
      log.write('warn', '', 'storage migration check error', { error });
    }
    await clock.sleep(MIGRATION_LOOK);
  }
}

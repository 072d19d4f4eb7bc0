/** What a server looks at before it starts, and what it does not start with. */
import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { quote } from '../core/codec/go-quote.ts';
import type { Configuration } from '../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';

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
  try {
    lstatSync(path);
  } catch {
    const reason = `expand plugin directory: lstat ${path}: no such file or directory`;
    throw new ConfigurationError(`Error creating KMS plugin catalog: ${reason}`);
  }
}

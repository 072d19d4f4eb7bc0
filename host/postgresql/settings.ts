/** The settings of a `postgresql` stanza, read in upstream's order. */
import { goAtoi } from '../../core/codec/go-atoi.ts';
import { parseBool } from '../../core/codec/go-bool.ts';
import type { Stanza } from '../../core/server/configuration/configuration.ts';

export interface PostgresSettings {
  readonly address: string;
  readonly table: string;
  readonly haEnabled: boolean;
  readonly haTable: string;
  readonly maxParallel: number;
  readonly transactions: number;
  readonly maxIdle?: number;
  /** How often to try at the start; 0 and less: until it works. */
  readonly attempts: number;
  /** Upstream reads it once it is connected. Throws. */
  readonly skipsTables: () => boolean;
}

type Told = (name: string, value: number) => void;

/** Throws an Error with upstream's words. `told` hears what numbers were set. */
export function postgresSettings({ settings }: Stanza, told: Told): PostgresSettings {
  const number = (name: string): number | undefined => {
    const text = settings[name];
    if (text === undefined) return undefined;
    const value = goAtoi(text);
    if (typeof value === 'string') throw new Error(`failed parsing ${name} parameter: ${value}`);
    told(name, value);
    return value;
  };
  const maxParallel = number('max_parallel') ?? 0;
  const transactions = number('transaction_max_parallel') ?? 0;
  const maxIdle = number('max_idle_connections');
  const attempts = number('max_connect_retries') ?? 1;
  return {
    address: fromEnvironment() ?? settings['connection_url'] ?? '',
    table: settings['table'] ?? 'openbao_kv_store',
    haEnabled: settings['ha_enabled'] === 'true',
    haTable: settings['ha_table'] ?? 'openbao_ha_locks',
    maxParallel: maxParallel > 0 ? maxParallel : 128,
    transactions: transactions > 0 ? transactions : 64,
    ...(maxIdle === undefined ? {} : { maxIdle: Math.max(maxIdle, 0) }),
    attempts,
    skipsTables: () => skips(settings['skip_create_table']),
  };
}

const fromEnvironment = (): string | undefined =>
  process.env['BAO_PG_CONNECTION_URL'] || process.env['VAULT_PG_CONNECTION_URL'] || undefined;

function skips(text: string | undefined): boolean {
  if (text === undefined || text === '') return false;
  try {
    return parseBool(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`failed to parse value for \`skip_create_table\`: cannot parse '' as bool: ${reason}`, {
      cause: error,
    });
  }
}

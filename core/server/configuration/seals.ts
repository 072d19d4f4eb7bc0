/** `seal "…" { … }` blocks: which one seals, and which one is left. */
import { parseBool } from '../../codec/go-bool.ts';
import { ConfigurationError } from './values.ts';

interface SealBlock {
  readonly type: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Kept in the configuration only to migrate from. Throws ConfigurationError for what is no truth value. */
export function isDisabled({ type, settings }: SealBlock): boolean {
  const { disabled = 'false' } = settings;
  try {
    return parseBool(disabled);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`error parsing 'seal': seal.${type}: cannot parse '' as bool: ${reason}`);
  }
}

/** Throws ConfigurationError unless one of two seals is to be left for the other. */
export function checkSeals(seals: readonly SealBlock[]): void {
  const disabled = seals.map(isDisabled).filter(Boolean).length;
  if (seals.length !== 2 || disabled === 1) return;
  throw new ConfigurationError(`seals: two seals provided but ${disabled === 0 ? 'neither is' : 'both are'} disabled`);
}

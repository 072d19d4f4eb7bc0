/** Which seal the configuration and the environment ask for. */
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { StaticWrapper } from './static-wrapper.ts';
import type { SealWrapper } from './wrapper.ts';

/** `seal "static" { … }`. */
export interface SealStanza {
  readonly type: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface SealSources {
  /** A variable by its full name; upstream reads only those with BAO_ for seals. */
  environment(name: string): string | undefined;
  /** Throws an Error with Go's text: `open /key: no such file or directory`. */
  readFile(path: string): Uint8Array;
}

/** Undefined for Shamir. Throws a Fault: `Error configuring seal "awskms": unknown wrapper: awskms`. */
export function configuredSeal(
  runtime: Runtime,
  stanzas: readonly SealStanza[],
  sources: SealSources,
): SealWrapper | undefined {
  const stanza = stanzas.find(({ settings }) => settings['disabled'] !== 'true');
  const type = stanza?.type ?? sources.environment('BAO_SEAL_TYPE') ?? 'shamir';
  if (type === 'shamir') return undefined;
  try {
    if (type !== 'static') throw failure(`unknown wrapper: ${type}`);
    return new StaticWrapper(runtime, staticSettings(stanza?.settings ?? {}, sources));
  } catch (error) {
    throw failure(`Error configuring seal "${type}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

function staticSettings(settings: SealStanza['settings'], sources: SealSources) {
  // Each variable wins over its setting.
  const text = (name: string): string =>
    sources.environment(`BAO_STATIC_SEAL_${name.toUpperCase()}`) ?? settings[name] ?? '';
  const key = (name: string): string | Uint8Array => {
    const value = text(name);
    if (!value.startsWith('file://')) return value;
    try {
      return sources.readFile(value.slice('file://'.length));
    } catch (error) {
      throw failure(`error reading file at ${value}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    currentKey: key('current_key'),
    currentKeyId: text('current_key_id'),
    previousKey: key('previous_key'),
    previousKeyId: text('previous_key_id'),
  };
}

/** `seal "static" { … }`: each variable of the environment wins over its setting, and keys may lie in files. */
import { failure } from '../../fault.ts';
import type { MakeWrapper } from './configured.ts';
import { StaticWrapper } from './static-wrapper.ts';

export const make: MakeWrapper = (runtime, settings, sources) => {
  // Upstream reads only variables with BAO_ here.
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
  return new StaticWrapper(runtime, {
    currentKey: key('current_key'),
    currentKeyId: text('current_key_id'),
    previousKey: key('previous_key'),
    previousKeyId: text('previous_key_id'),
  });
};

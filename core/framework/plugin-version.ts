/** Versions of plugins, of which there is one: what is built in. */
import { refuse } from '../fault.ts';

/** What upstream prints as the version of everything that is built in. */
export const BUILTIN_VERSION = 'v2.7.2+builtin.bao';

export function checkPluginVersion(version: string): void {
  if (version !== '') fullVersion(version);
}

/** Upstream's version library fills up what is left out. Throws upstream's refusal of what is no version. */
export function fullVersion(given: string): string {
  const parts = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+][\w.+-]+)?$/.exec(given);
  if (parts === null) {
    throw refuse(`version "${given}" is not a valid semantic version: malformed version: ${given}`);
  }
  const [, major, minor = '0', patch = '0', rest = ''] = parts;
  return `v${major}.${minor}.${patch}${rest}`;
}

/** Throws unless this version is the one that is built in, which is given back in full. */
export function builtinVersion(type: string, given: string): string {
  const version = fullVersion(given);
  if (version !== BUILTIN_VERSION) throw refuse(`plugin not found in the catalog: ${type}, version=${version}`);
  return version;
}

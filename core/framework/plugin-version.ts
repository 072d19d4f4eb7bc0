/** Versions of plugins, of which there is one: what is built in. */
import { refuse } from '../fault.ts';

/** What upstream prints as the version of everything that is built in. */
export const BUILTIN_VERSION = 'v2.7.2+builtin.bao';

export function checkPluginVersion(version: string): void {
  if (version === '' || /^v?\d+(\.\d+){0,2}(-[\w.-]+)?(\+[\w.-]+)?$/.test(version)) return;
  throw refuse(`version "${version}" is not a valid semantic version: malformed version: ${version}`);
}

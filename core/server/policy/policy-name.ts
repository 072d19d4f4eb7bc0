/** The one name that all spellings of a policy's name mean. */
import { cleanGoPath } from '../../codec/go-path.ts';
import { trimGoSpace } from '../../codec/go-space.ts';

/** Without blanks around it, in lower case, and as a path without empty and relative segments; '' names no policy. */
export function policyName(given: string): string {
  const name = cleanGoPath(trimGoSpace(given).toLowerCase());
  return name === '.' ? '' : name;
}

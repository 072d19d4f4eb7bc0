/** Versions of plugins, of which there is one: what is built in. */
import { quote } from '../codec/go-quote.ts';
import { refuse } from '../fault.ts';

/** What upstream prints as the version of everything that is built in. */
export const BUILTIN_VERSION = 'v2.7.2+builtin.bao';

export function checkPluginVersion(version: string): void {
  if (version !== '') fullVersion(version);
}

/** What upstream's version library takes: any number of numbers, what came before the release, how it was built. */
const VERSION =
  /^v?(\d+(?:\.\d+)*)(?:-(\d[\dA-Za-z\-~]*(?:\.[\dA-Za-z\-~]+)*)|-?([A-Za-z\-~][\dA-Za-z\-~]*(?:\.[\dA-Za-z\-~]+)*))?(?:\+([\dA-Za-z\-~]+(?:\.[\dA-Za-z\-~]+)*))?$/;
const MAX_INT64 = 9223372036854775807n;

/** Upstream's version library fills up what is left out. Throws upstream's refusal of what is no version. */
export function fullVersion(given: string): string {
  const malformed = (what: string) => refuse(`version ${quote(given)} is not a valid semantic version: ${what}`);
  const parts = VERSION.exec(given);
  if (parts === null) throw malformed(`malformed version: ${given}`);
  const numbers = parts[1]!.split('.').map((digits) => {
    const number = BigInt(digits);
    if (number <= MAX_INT64) return number;
    throw malformed(`error parsing version: strconv.ParseInt: parsing ${quote(digits)}: value out of range`);
  });
  while (numbers.length < 3) numbers.push(0n);
  const before = parts[2] ?? parts[3];
  const built = parts[4];
  return `v${numbers.join('.')}${before === undefined ? '' : `-${before}`}${built === undefined ? '' : `+${built}`}`;
}

/** Whether it says of itself that it is built in, whichever it is. */
export const saysBuiltin = (version: string): boolean =>
  (/\+(.*)$/.exec(version)?.[1] ?? '').split('.').includes('builtin');

/** Throws unless this version is the one that is built in, which is given back in full. */
export function builtinVersion(type: string, given: string): string {
  const version = fullVersion(given);
  if (version !== BUILTIN_VERSION) throw refuse(`plugin not found in the catalog: ${type}, version=${version}`);
  return version;
}

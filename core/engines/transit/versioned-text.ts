/** `vault:v<version>:<rest>`: the shape of ciphertexts, signatures and HMACs. */
import { goAtoi } from '../../codec/go-atoi.ts';
import { refuse } from '../../fault.ts';

const PREFIX = 'vault:v';

export const versionedText = (version: number, rest: string): string => `${PREFIX}${version}:${rest}`;

/** `what` begins the refusals, e.g. 'invalid ciphertext'; `unprefixed` the first, where that is other words. */
export function splitVersioned(
  text: string,
  what: string,
  unprefixed: string = what,
): { readonly number: number; readonly rest: string } {
  if (!text.startsWith(PREFIX)) throw refuse(`${unprefixed}: no prefix`);
  const colon = text.indexOf(':', PREFIX.length);
  if (colon < 0) throw refuse(`${what}: wrong number of fields`);
  const number = goAtoi(text.slice(PREFIX.length, colon));
  if (typeof number === 'string') throw refuse(`${what}: version number could not be decoded`);
  return { number, rest: text.slice(colon + 1) };
}

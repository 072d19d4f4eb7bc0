/** Domain names in ASCII, as golang.org/x/net/idna makes them when it checks lengths and maps nothing. */
import { quote } from './go-quote.ts';
import { decodePunycode, encodePunycode } from './punycode.ts';

export class IdnaError extends Error {
  constructor(text: string) {
    super(`idna: ${text}`);
    this.name = 'IdnaError';
  }
}

const invalid = (label: string): IdnaError => new IdnaError(`invalid label ${quote(label)}`);

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** Stands for what is no character. */
const UNKNOWN = '\ufffd';

/** A label that is in ASCII already is written anew, so that there is one way to write it. */
function canonical(label: string, name: string): string {
  if (label === '') throw invalid(name);
  if (!label.startsWith('xn--')) return label;
  const rest = label.slice(4);
  const decoded = decodePunycode(rest);
  // What is all ASCII needs no such form, and must not look like another name.
  if (decoded === undefined || ASCII.test(decoded)) throw invalid(rest);
  return decoded;
}

/** A dot at the end is an empty label, too. Throws IdnaError. */
export function domainToAscii(name: string): string {
  const labels = name.split('.').map((label) => canonical(label, name));
  // The work grows with the square of a label: the first that is too long ends it.
  const converted = labels.map((label) => {
    // Whatever it becomes is longer.
    if (label.length > 1000 || label.includes(UNKNOWN)) throw invalid(label);
    const ascii = ASCII.test(label) ? label : `xn--${encodePunycode(label)}`;
    if (ascii.length > 63) throw invalid(ascii);
    return ascii;
  });
  const whole = converted.join('.');
  if (whole.length > 253) throw invalid(whole);
  return whole;
}

/** The same for a name as it is registered: lower case, and of ASCII only letters, digits and hyphens. */
export function registeredDomain(name: string): string {
  for (const character of name) {
    const allowed = ASCII.test(character) ? /[a-z0-9.-]/.test(character) : character.toLowerCase() === character;
    if (allowed) continue;
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new IdnaError(`disallowed rune U+${code}`);
  }
  for (const label of name.split('.')) {
    if (label === '') throw invalid(name);
    if (label.startsWith('xn--')) continue;
    if (label.startsWith('-') || label.endsWith('-') || label.slice(2, 4) === '--') throw invalid(label);
  }
  return domainToAscii(name);
}

/** Why Go's netip.ParseAddr refuses an address, in its words. */
import { quote } from './go-quote.ts';

class Refused extends Error {
  readonly at: string;
  constructor(message: string, at = '') {
    super(message);
    this.at = at;
  }
}

/** Undefined where it is taken; else like `ParseAddr("x"): unable to parse IP`. */
export function ipFault(text: string): string | undefined {
  try {
    check(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return `ParseAddr(${quote(text)}): ${error.message}${error.at === '' ? '' : ` (at ${quote(error.at)})`}`;
  }
}

function check(text: string): void {
  const first = /[.:%]/.exec(text)?.[0];
  if (first === undefined) throw new Refused('unable to parse IP');
  if (first === '%') throw new Refused('missing IPv6 address');
  if (first === '.') checkDecimal(text);
  else checkHexadecimal(text);
}

function checkDecimal(text: string): void {
  let [digits, value, dots] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (/[0-9]/.test(character)) {
      if (digits === 1 && value === 0) throw new Refused('IPv4 field has octet with leading zero');
      value = 10 * value + Number(character);
      digits++;
      if (value > 255) throw new Refused('IPv4 field has value >255');
    } else if (character === '.') {
      if (digits === 0 || at === text.length - 1) {
        throw new Refused('IPv4 field must have at least one digit', text.slice(at));
      }
      if (dots === 3) throw new Refused('IPv4 address too long');
      [digits, value, dots] = [0, 0, dots + 1];
    } else throw new Refused('unexpected character', text.slice(at));
  }
  if (dots < 3) throw new Refused('IPv4 address too short');
}

/** Groups of two bytes, of which one run may be left out. */
const GROUPS = 8;

function checkHexadecimal(text: string): void {
  const percent = text.indexOf('%');
  if (percent === text.length - 1) throw new Refused('zone must be a non-empty string');
  let left = percent < 0 ? text : text.slice(0, percent);
  let shortened = left.startsWith('::');
  if (shortened) left = left.slice(2);
  let groups = 0;
  while (left !== '' || !shortened) {
    if (groups === GROUPS) break;
    const digits = /^[0-9a-fA-F]*/.exec(left)![0];
    if (digits.length > 4) throw new Refused('each group must have 4 or less digits', left);
    if (digits === '') throw new Refused('each colon-separated field must have at least one digit', left);
    if (left[digits.length] === '.') {
      checkEmbedded(left, groups, shortened);
      [groups, left] = [groups + 2, ''];
      break;
    }
    groups++;
    left = left.slice(digits.length);
    if (left === '') break;
    if (!left.startsWith(':')) throw new Refused('unexpected character, want colon', left);
    if (left === ':') throw new Refused('colon must be followed by more characters', left);
    left = left.slice(1);
    if (!left.startsWith(':')) continue;
    if (shortened) throw new Refused('multiple :: in address', left);
    shortened = true;
    left = left.slice(1);
  }
  if (left !== '') throw new Refused('trailing garbage after address', left);
  if (groups < GROUPS && !shortened) throw new Refused('address string too short');
  if (groups === GROUPS && shortened) throw new Refused('the :: must expand to at least one field of zeros');
}

function checkEmbedded(left: string, groups: number, shortened: boolean): void {
  if (!shortened && groups !== GROUPS - 2) {
    throw new Refused('embedded IPv4 address must replace the final 2 fields of the address', left);
  }
  if (groups > GROUPS - 2) {
    throw new Refused('too many hex fields to fit an embedded IPv4 at the end of the address', left);
  }
  checkDecimal(left);
}

/** Domain names in ASCII, as golang.org/x/net/idna makes them when it checks lengths and maps nothing. */
import { quote } from './go-quote.ts';
import { encodePunycode } from './punycode.ts';

export class IdnaError extends Error {
  constructor(label: string) {
    super(`idna: invalid label ${quote(label)}`);
    this.name = 'IdnaError';
  }
}

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** A dot at the end is an empty label, too. Throws IdnaError. */
export function domainToAscii(name: string): string {
  const labels = name.split('.');
  if (labels.includes('')) throw new IdnaError(name);
  const converted = labels.map((label) => (ASCII.test(label) ? label : `xn--${encodePunycode(label)}`));
  for (const label of converted) if (label.length > 63) throw new IdnaError(label);
  const whole = converted.join('.');
  if (whole.length > 253) throw new IdnaError(whole);
  return whole;
}

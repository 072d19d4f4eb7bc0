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

/** A dot at the end stands for the root. Throws IdnaError. */
export function domainToAscii(name: string): string {
  const labels = name.split('.');
  const rooted = labels.length > 1 && labels.at(-1) === '' ? labels.slice(0, -1) : labels;
  if (rooted.some((label) => label === '')) throw new IdnaError(name);
  const converted = rooted.map((label) => (ASCII.test(label) ? label : `xn--${encodePunycode(label)}`));
  for (const label of converted) if (label.length > 63) throw new IdnaError(label);
  const whole = converted.join('.');
  if (whole.length > 253) throw new IdnaError(rooted.length < labels.length ? `${whole}.` : whole);
  return rooted.length < labels.length ? `${whole}.` : whole;
}

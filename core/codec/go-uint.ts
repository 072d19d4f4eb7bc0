/** strconv.ParseUint of a text without its prefix. */
import { quote } from './go-quote.ts';

/** Throws an Error with Go's text: `strconv.ParseUint: parsing "x": invalid syntax`. Beyond 2^53 it is rounded. */
export function parseGoUint(text: string, bits: 32 | 64, base: 10 | 16 = 10): number {
  const fail = (why: string): never => {
    throw new Error(`strconv.ParseUint: parsing ${quote(text)}: ${why}`);
  };
  if (!(base === 10 ? /^[0-9]+$/ : /^[0-9a-fA-F]+$/).test(text)) return fail('invalid syntax');
  const number = BigInt(base === 10 ? text : `0x${text}`);
  return number >= 1n << BigInt(bits) ? fail('value out of range') : Number(number);
}

import { quote } from './go-quote.ts';

/** strconv.Atoi: the number, or Go's error text. Beyond 53 bits the number is the nearest that there is. */
export const goAtoi = (text: string): number | string => goInt64(text, 'Atoi');

/** strconv.ParseInt in base 10 and 64 bits, or another function that is called so in its error. */
export function goInt64(text: string, name = 'ParseInt'): number | string {
  const failed = (why: string): string => `strconv.${name}: parsing ${quote(text)}: ${why}`;
  if (!/^[+-]?\d+$/.test(text)) return failed('invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  return value === BigInt.asIntN(64, value) ? Number(value) : failed('value out of range');
}

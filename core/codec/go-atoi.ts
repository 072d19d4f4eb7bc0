/** strconv.Atoi: the number, or Go's error text. Beyond 53 bits the number is the nearest that there is. */
export function goAtoi(text: string): number | string {
  if (!/^[+-]?\d+$/.test(text)) return `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const value = BigInt(text.replace(/^\+/, ''));
  return value === BigInt.asIntN(64, value)
    ? Number(value)
    : `strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`;
}

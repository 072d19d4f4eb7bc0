/** strconv.Atoi: the number, or Go's error text. */
export function goAtoi(text: string): number | string {
  if (!/^[+-]?\d+$/.test(text)) return `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : `strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`;
}

/** Sets of whole numbers from 1, as the command line has them: `3,5-9`. */
import { UsageError } from '../flags.ts';

const PART = /^([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?$/;

/** In their order, each once. Throws UsageError, which names `flag`. */
export function parseNumbers(flag: string, text: string): readonly number[] {
  const found = new Set<number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [, first, last = first] = PART.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first))
      throw new UsageError(`${flag} ${text}: give numbers and spans of them, e.g. ${flag} 3,5-9`);
    for (let number = Number(first); number <= Number(last); number++) found.add(number);
  }
  return [...found].sort((a, b) => a - b);
}

/** `numbers` are in their order. */
export function printNumbers(numbers: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const number of numbers) {
    const last = spans.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else spans.push([number, number]);
  }
  return spans.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

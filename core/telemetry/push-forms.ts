/** How measurements are pushed, line by line: to statsd and statsite, and to DogStatsD, which knows labels. */
import type { Labels } from './metrics.ts';

export type Kind = 'c' | 'g' | 'ms';

export interface Measured {
  readonly kind: Kind;
  readonly name: string;
  readonly value: number;
  readonly labels: Labels;
}

/** Colons and spaces would end a name. */
const clean = (text: string): string => text.replaceAll(/[: ]/g, '_');

/** Values of labels become parts of the name. */
export const statsdLine = ({ kind, name, value, labels }: Measured): string =>
  `${clean([name, ...Object.values(labels)].join('.'))}:${Math.fround(value).toFixed(6)}|${kind}\n`;

/** `tags` come before the labels. */
export function dogstatsdLine({ kind, name, value, labels }: Measured, tags: readonly string[]): string {
  const single = Math.fround(value);
  const number = kind === 'ms' ? single.toFixed(6) : String(kind === 'c' ? Math.trunc(single) : single);
  const all = [...tags, ...Object.entries(labels).map(([label, text]) => (text === '' ? label : `${label}:${text}`))];
  return `${clean(name)}:${number}|${kind}${all.length === 0 ? '' : `|#${all.join(',')}`}\n`;
}

/** Lines that are waiting, in pieces of at most `size` characters; a longer line is a piece of its own. */
export function pieces(lines: readonly string[], size: number): string[] {
  const out: string[] = [];
  let piece = '';
  for (const line of lines) {
    if (piece !== '' && piece.length + line.length > size) {
      out.push(piece);
      piece = '';
    }
    piece += line;
  }
  return piece === '' ? out : [...out, piece];
}

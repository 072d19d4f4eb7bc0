/** Points in time as Go prints and reads them (RFC 3339, UTC). */
import { quoteForTime as quote } from './go-quote.ts';
import type { Micros } from '../runtime.ts';

const DAY = 86_400;

/** Days since 1970-01-01 of a date in the proleptic Gregorian calendar (month 1–12). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date so many days after 1970-01-01. */
export function dateOf(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** RFC3339Nano in UTC: trailing zeros of the fraction are dropped, and the point with them. */
export function formatTimestamp(seconds: number, nanos: number): string {
  const days = Math.floor(seconds / DAY);
  const rest = seconds - days * DAY;
  const { year, month, day } = dateOf(days);
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  const clock = `${two(Math.floor(rest / 3_600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}${fraction}Z`;
}

/** RFC3339Nano of wall micros. */
export function formatRfc3339(micros: Micros): string {
  const seconds = Math.floor(micros / 1_000_000);
  return formatTimestamp(seconds, (micros - seconds * 1_000_000) * 1_000);
}

/** As Go prints a time of its own accord. */
export const goTime = (micros: Micros): string => formatRfc3339(micros).replace('T', ' ').replace('Z', ' +0000 UTC');

/** The same without a part of a second. */
export const formatSeconds = (micros: Micros): string => formatTimestamp(Math.floor(micros / 1_000_000), 0);

/** An hour of one digit is none of RFC 3339, but Go takes it. */
const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Seconds and nanoseconds, or undefined when Go would not take it. */
export function parseTimestamp(text: string): { seconds: number; nanos: number } | undefined {
  const found = SHAPE.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || day < 1) return undefined;
  const monthLength = daysOf(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - daysOf(year, month, 1);
  if (day > monthLength) return undefined;
  const zone = found[8]!;
  let offset = 0;
  if (zone !== 'Z') {
    const hours = Number(zone.slice(1, 3));
    const minutes = Number(zone.slice(4, 6));
    // Go takes these, because some people write them.
    if (hours > 24 || minutes > 60) return undefined;
    offset = (hours * 3_600 + minutes * 60) * (zone[0] === '-' ? -1 : 1);
  }
  const seconds = daysOf(year, month, day) * DAY + hour * 3_600 + minute * 60 + second - offset;
  return { seconds, nanos: Number((found[7] ?? '').slice(0, 9).padEnd(9, '0')) };
}

/** Wall micros, or undefined when Go would not take it. */
export function parseRfc3339(text: string): Micros | undefined {
  const time = parseTimestamp(text);
  return time === undefined ? undefined : time.seconds * 1_000_000 + Math.floor(time.nanos / 1_000);
}

interface Piece {
  readonly shape: RegExp;
  /** What goes beyond its range, as Go calls it. */
  readonly beyond?: (found: string) => string | undefined;
}

const ranged = (shape: RegExp, name: string, least: number, most: number): Piece => ({
  shape,
  beyond(found) {
    const value = Number(found.slice(0, 2));
    return value < least || value > most ? name : undefined;
  },
});

const zone = (shape: RegExp): Piece => ({
  shape,
  beyond(found) {
    const digits = found.replace(':', '');
    if (Number(digits.slice(3)) > 60) return 'time zone offset minute';
    return Number(digits.slice(1, 3)) > 24 ? 'time zone offset hour' : undefined;
  },
});

/** By Go's names for the parts of a layout. */
const PIECES = {
  '2006': { shape: /^\d{4}/ },
  '06': { shape: /^\d\d/ },
  '01': ranged(/^\d\d/, 'month', 1, 12),
  // Whether a month has such a day is asked at the end.
  '02': { shape: /^\d\d/ },
  '15': ranged(/^\d\d?/, 'hour', 0, 23),
  '04': ranged(/^\d\d/, 'minute', 0, 59),
  '05': ranged(/^\d\d(?:[.,]\d+)?/, 'second', 0, 59),
  'Z07:00': zone(/^(?:Z|[+-]\d\d:\d\d)/),
  Z0700: zone(/^(?:Z|[+-]\d{4})/),
  '-': { shape: /^-/ },
  T: { shape: /^T/ },
  ':': { shape: /^:/ },
  // As many as there are, and none at the end.
  ' ': { shape: /^(?: +|$)/ },
  ', ': { shape: /^,(?: +|$)/ },
  Mon: { shape: /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i },
  Jan: { shape: /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/i },
  MST: { shape: /^(?:[A-Z]{3}T|WITA|ChST|MeST|[A-Z]{3})/ },
} satisfies Readonly<Record<string, Piece>>;

export type TimeLayout = readonly (keyof typeof PIECES)[];
const RFC3339: TimeLayout = ['2006', '-', '01', '-', '02', 'T', '15', ':', '04', ':', '05', 'Z07:00'];

/** What Go says of a text that does not follow a layout, if only in how it is written. */
export function layoutComplaint(text: string, layout: TimeLayout, quoted = quote): string | undefined {
  const parsing = `parsing time ${quoted(text)}`;
  let rest = text;
  for (const shown of layout) {
    const { shape, beyond }: Piece = PIECES[shown];
    const found = shape.exec(rest)?.[0];
    if (found === undefined) {
      return `${parsing} as ${quoted(layout.join(''))}: cannot parse ${quoted(rest)} as ${quoted(shown)}`;
    }
    const what = beyond?.(found);
    if (what !== undefined) return `${parsing}: ${what} out of range`;
    rest = rest.slice(found.length);
  }
  return rest === '' ? undefined : `${parsing}: extra text: ${quoted(rest)}`;
}

export const dayComplaint = (text: string): string => `parsing time ${quote(text)}: day out of range`;

/** What Go says of a text that is no such time. */
export const timeComplaint = (text: string): string => layoutComplaint(text, RFC3339) ?? dayComplaint(text);

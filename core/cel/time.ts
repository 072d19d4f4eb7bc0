/** Parts of timestamps and durations. Named time zones other than UTC are given as offsets: '+02:00'. */
import { dateOf, formatTimestamp } from '../codec/rfc3339.ts';
import { CelError } from './error.ts';
import type { Declarations } from './functions.ts';
import { Timestamp } from './values.ts';
import type { Duration } from './values.ts';

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Nanoseconds of Go's duration text; undefined when it is none. */
export function parseCelDuration(text: string): bigint | undefined {
  const [, sign, rest] = /^([+-]?)(.*)$/s.exec(text)!;
  if (rest === '0') return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|ms|s|m|h))+$/.test(rest!)) return undefined;
  let total = 0n;
  for (const [, whole, fraction, unit] of rest!.matchAll(/(\d*)\.?(\d*)([a-z\u00b5]+)/g)) {
    const scale = UNITS[unit!]!;
    total += BigInt(whole === '' ? 0 : whole!) * scale;
    if (fraction !== '') total += (BigInt(fraction!) * scale) / 10n ** BigInt(fraction!.length);
  }
  return sign === '-' ? -total : total;
}

export const floorDiv = (value: bigint, by: bigint): bigint => (value < 0n ? -((-value + by - 1n) / by) : value / by);

/** RFC 3339 of a timestamp, as it was written; seconds with 's' of a duration. */
export function timeText(value: Timestamp | Duration): string {
  if (value instanceof Timestamp) {
    const { nanos, offset } = value;
    const seconds = floorDiv(nanos, 1_000_000_000n);
    const text = formatTimestamp(Number(seconds) + offset * 60, Number(nanos - seconds * 1_000_000_000n));
    if (offset === 0) return text;
    const size = Math.abs(offset);
    const [hours, minutes] = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'));
    return `${text.slice(0, -1)}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
  }
  const size = value.nanos < 0n ? -value.nanos : value.nanos;
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${value.nanos < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}s`;
}

interface Moment {
  readonly days: number;
  readonly seconds: number;
  readonly nanos: bigint;
}

function momentOf({ nanos }: Timestamp, zone: string): Moment {
  const local = nanos + BigInt(offsetOf(zone)) * 1_000_000_000n;
  const whole = floorDiv(local, 1_000_000_000n);
  const days = Math.floor(Number(whole) / 86_400);
  return { days, seconds: Number(whole) - days * 86_400, nanos: local - whole * 1_000_000_000n };
}

/** Seconds east of Greenwich. Throws CelError. */
function offsetOf(zone: string): number {
  if (zone === '' || zone === 'UTC' || zone === 'Z') return 0;
  const found = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (found === null) throw new CelError(`unknown time zone ${zone}`);
  return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 3_600 + Number(found[3]) * 60);
}

const daysBefore = (days: number): number => {
  const { year } = dateOf(days);
  let first = days;
  while (dateOf(first - 1).year === year) first -= 1;
  return days - first;
};

const PARTS: readonly (readonly [string, (moment: Moment) => number | bigint])[] = [
  ['getFullYear', ({ days }) => dateOf(days).year],
  ['getMonth', ({ days }) => dateOf(days).month - 1],
  ['getDayOfMonth', ({ days }) => dateOf(days).day - 1],
  ['getDate', ({ days }) => dateOf(days).day],
  ['getDayOfWeek', ({ days }) => (((days + 4) % 7) + 7) % 7],
  ['getDayOfYear', ({ days }) => daysBefore(days)],
  ['getHours', ({ seconds }) => Math.floor(seconds / 3_600)],
  ['getMinutes', ({ seconds }) => Math.floor(seconds / 60) % 60],
  ['getSeconds', ({ seconds }) => seconds % 60],
  ['getMilliseconds', ({ nanos }) => nanos / 1_000_000n],
];

export function addTimeFunctions(all: Declarations): void {
  for (const [name, part] of PARTS) {
    all.add(name, 'timestamp.(): int', (value: Timestamp) => BigInt(part(momentOf(value, ''))));
    all.add(name, 'timestamp.(string): int', (value: Timestamp, zone: string) => BigInt(part(momentOf(value, zone))));
  }
  const spans = { getHours: 3_600_000_000_000n, getMinutes: 60_000_000_000n, getSeconds: 1_000_000_000n };
  for (const [name, unit] of Object.entries(spans)) {
    all.add(name, 'duration.(): int', ({ nanos }: Duration) => nanos / unit);
  }
  all.add('getMilliseconds', 'duration.(): int', ({ nanos }: Duration) => (nanos / 1_000_000n) % 1_000n);
}

/** Go's time.Duration as text: "1h30m", "1.5s", "250ms". */
import type { Micros } from '../runtime.ts';
import { quoteForTime as quote } from './go-quote.ts';

const NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const LIMIT = 1n << 63n;

/** Parsing failed; Go's text. */
export class DurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DurationError';
  }
}

/** time.ParseDuration, cut to whole micros. Throws DurationError. */
export function parseDuration(text: string): Micros {
  const invalid = (): DurationError => new DurationError(`time: invalid duration ${quote(text)}`);
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)!;
    const whole = number[1]!;
    const fraction = number[2] ?? '';
    if ((whole === '' && fraction === '') || BigInt(whole || '0') > LIMIT) throw invalid();
    rest = rest.slice(number[0].length);
    const unit = /^[^.\d]*/.exec(rest)![0];
    if (unit === '') throw new DurationError(`time: missing unit in duration ${quote(text)}`);
    rest = rest.slice(unit.length);
    const scale = Object.hasOwn(NANOS, unit) ? NANOS[unit] : undefined;
    if (scale === undefined) throw new DurationError(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`);
    total += BigInt(whole || '0') * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    if (total > LIMIT || (total === LIMIT && !negative)) throw invalid();
  }
  const micros = Number(total / 1_000n);
  return negative && micros !== 0 ? -micros : micros;
}

/** time.Duration.String: "1h0m0s", "1.5s", "2ms", "0s". */
export function formatDuration(micros: Micros): string {
  if (micros === 0) return '0s';
  const sign = micros < 0 ? '-' : '';
  const size = Math.abs(micros);
  if (size < 1_000) return `${sign}${size}µs`;
  if (size < 1_000_000) return `${sign}${decimal(Math.floor(size / 1_000), size % 1_000, 3)}ms`;
  const seconds = Math.floor(size / 1_000_000);
  const text = `${decimal(seconds % 60, size % 1_000_000, 6)}s`;
  if (seconds < 60) return sign + text;
  const minutes = Math.floor(seconds / 60);
  return `${sign}${minutes < 60 ? '' : `${Math.floor(minutes / 60)}h`}${minutes % 60}m${text}`;
}

function decimal(whole: number, fraction: number, digits: number): string {
  const text = String(fraction).padStart(digits, '0').replace(/0+$/, '');
  return text === '' ? String(whole) : `${whole}.${text}`;
}

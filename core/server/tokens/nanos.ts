/** Durations as Go stores them: nanoseconds, which outgrow JavaScript's integers after 104 days. */
import type { JsonValue } from '../../codec/json.ts';
import { JsonNumber } from '../../codec/json.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import type { Micros } from '../../runtime.ts';

const SAFE_MICROS = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

export function toNanos(micros: Micros): number | JsonNumber {
  return Math.abs(micros) <= SAFE_MICROS ? micros * 1_000 : new JsonNumber(String(BigInt(micros) * 1_000n));
}

export function fromNanos(value: JsonValue | undefined): Micros {
  if (typeof value === 'number') return Math.floor(value / 1_000);
  return value instanceof JsonNumber ? Number(BigInt(value.literal) / 1_000n) : 0;
}

/** Go's zero time, which stands for never. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** Wall micros; 0 is the zero time. */
export const toStoredTime = (micros: Micros): string => (micros === 0 ? ZERO_TIME : formatRfc3339(micros));

export const fromStoredTime = (value: JsonValue | undefined): Micros =>
  typeof value !== 'string' || value === ZERO_TIME ? 0 : (parseRfc3339(value) ?? 0);

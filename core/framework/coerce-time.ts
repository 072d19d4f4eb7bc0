/** Durations and points in time in what clients send. */
import { quote } from '../codec/go-quote.ts';
import type { JsonValue } from '../codec/json.ts';
import { parseDuration } from '../codec/duration.ts';
import { parseRfc3339 } from '../codec/rfc3339.ts';
import type { Micros } from '../runtime.ts';
import { HOUR, SECOND } from '../runtime.ts';
import { CoercionError, isNumber, literalOf, parseGoInt } from './coerce.ts';

/** 30, "30", "1h", "2d". Null and '' are 0; without a unit it is seconds. */
export function toMicros(value: JsonValue): Micros {
  if (value === null || value === '') return 0;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return times(BigInt(value), SECOND);
  const text = typeof value === 'string' ? value : isNumber(value) ? literalOf(value) : undefined;
  if (text === undefined) throw new CoercionError('could not parse duration from input');
  const plain = parseGoInt(text, 10);
  if (typeof plain === 'bigint') return times(plain, SECOND);
  if (text.endsWith('d')) {
    const days = parseGoInt(text.slice(0, -1), 10);
    if (typeof days === 'bigint') return times(days, 24 * HOUR);
    const reason = days === 'range' ? 'value out of range' : 'invalid syntax';
    throw new CoercionError(`strconv.ParseInt: parsing ${quote(text.slice(0, -1))}: ${reason}`);
  }
  try {
    return parseDuration(text);
  } catch (error) {
    throw new CoercionError(error instanceof Error ? error.message : String(error));
  }
}

/** A Go duration is 63 bits of nanoseconds. */
function times(count: bigint, unit: Micros): Micros {
  const nanos = count * BigInt(unit) * 1_000n;
  if (BigInt.asIntN(64, nanos) !== nanos)
    throw new CoercionError('multiplication of durations resulted in overflow, one operand may be too large');
  return Number(count) * unit;
}

/** RFC 3339 (fractions cut to micros) or Unix seconds. */
export function toWallMicros(value: JsonValue): Micros {
  if (typeof value === 'string') {
    const seconds = parseGoInt(value, 10);
    const micros = parseRfc3339(value) ?? (typeof seconds === 'bigint' ? Number(seconds) * SECOND : undefined);
    if (micros === undefined) throw new CoercionError('could not parse string as date and time');
    return micros;
  }
  if (!isNumber(value)) throw new CoercionError('could not parse time from input type');
  const text = literalOf(value);
  const seconds = parseGoInt(text, 10);
  if (typeof seconds === 'bigint') return Number(seconds) * SECOND;
  const reason = seconds === 'range' ? 'value out of range' : 'invalid syntax';
  throw new CoercionError(`strconv.ParseInt: parsing "${text}": ${reason}`);
}

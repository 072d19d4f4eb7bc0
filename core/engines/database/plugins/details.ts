/** Connection details as clients send them, loosely typed. Complaints are those of upstream's decoder. */
import { isObject, type JsonObject } from '../../../codec/json.ts';
import { DurationError } from '../../../codec/duration.ts';
import { failure } from '../../../fault.ts';
import { CoercionError, toBool, toInt, toText } from '../../../framework/coerce.ts';
import { toMicros } from '../../../framework/coerce-time.ts';
import type { Micros } from '../../../runtime.ts';

const readers = { text: toText, int: toInt, bool: toBool };
interface Types {
  text: string;
  int: number;
  bool: boolean;
}

/** All that is wrong is told at once. */
export function decodeDetails<const F extends Readonly<Record<string, keyof Types>>>(
  details: JsonObject,
  fields: F,
): { readonly [K in keyof F]: Types[F[K]] } {
  const out: JsonObject = {};
  const wrong: string[] = [];
  for (const [name, type] of Object.entries(fields)) {
    try {
      out[name] = readers[type](details[name] ?? null, name);
    } catch (error) {
      if (!(error instanceof CoercionError)) throw error;
      wrong.push(error.message);
    }
  }
  if (wrong.length > 0) throw failure(`decoding failed due to the following error(s):\n\n${wrong.join('\n')}`);
  return out as never;
}

/** A text among the details, as a plugin reads it; '' where it reads none. */
export function textDetail(details: JsonObject, name: string): string {
  try {
    return toText(details[name] ?? null, name);
  } catch (error) {
    if (!(error instanceof CoercionError)) throw error;
    return '';
  }
}

/** A time among the details; 0 where it is not there. */
export function durationDetail(details: JsonObject, name: string): Micros {
  const value = details[name];
  if (value === undefined || value === null || isObject(value)) return 0;
  try {
    return toMicros(value);
  } catch (error) {
    if (!(error instanceof CoercionError) && !(error instanceof DurationError)) throw error;
    throw failure(`invalid ${name}: ${error.message}`);
  }
}

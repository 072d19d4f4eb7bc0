/** How long a failed revocation waits, and when it is given up for good. */
import { Fault } from '../../fault.ts';
import type { Micros, Random } from '../../runtime.ts';
import { HOUR, SECOND } from '../../runtime.ts';

export const MAX_ATTEMPTS = 6;
/** Leases whose revocation was given up are tried again this often. */
export const IRREVOCABLE_RETRY: Micros = 24 * HOUR;
const BASE: Micros = 10 * SECOND;
const LONGEST_ERROR = 240;

/** 2^n × 10 s ± 50 %. */
export function retryDelay(attempt: number, random: Random): Micros {
  const middle = BASE * 2 ** attempt;
  return middle / 2 + random.below(middle + 1);
}

/** Errors after which trying again is useless. */
export function isUnrecoverable(error: unknown): boolean {
  if (!(error instanceof Fault)) return false;
  const { message } = error;
  return ['unsupported operation', 'unsupported path', 'invalid request'].some((text) => message.includes(text));
}

export const shortError = (message: string): string =>
  message.length <= LONGEST_ERROR ? message : `${message.slice(0, LONGEST_ERROR - 3)}...`;

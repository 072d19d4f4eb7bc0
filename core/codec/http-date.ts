/** Sun, 22 Nov 2026 23:32:32 GMT: the Date header's form (RFC 9110, section 5.6.7). */
import type { Micros } from '../runtime.ts';
import { dateOf } from './rfc3339.ts';

const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** `wall` is at or after the epoch, which was a Thursday. */
export function formatHttpDate(wall: Micros): string {
  const seconds = Math.floor(wall / 1_000_000);
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const { year, month, day } = dateOf(days);
  const clock = `${two(Math.floor(rest / 3_600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return `${WEEKDAYS[days % 7]!}, ${two(day)} ${MONTHS[month - 1]!} ${String(year).padStart(4, '0')} ${clock} GMT`;
}

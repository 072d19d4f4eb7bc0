/** Sun, 22 Nov 2026 23:32:32 GMT: the Date header's form (RFC 9110, section 5.6.7), which is Go's RFC1123. */
import type { Micros } from '../runtime.ts';
import { dateOf, dayComplaint, layoutComplaint, parseRfc3339, type TimeLayout } from './rfc3339.ts';

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

const LAYOUT: TimeLayout = ['Mon', ', ', '02', ' ', 'Jan', ' ', '2006', ' ', '15', ':', '04', ':', '05', ' ', 'MST'];

/** Wall micros, or what Go says of a text that is none. The day of the week is not looked at, nor which zone it is. */
export function parseHttpDate(text: string): Micros | string {
  const complaint = layoutComplaint(text, LAYOUT);
  if (complaint !== undefined) return complaint;
  const [, day = '', month = '', year = '', clock = ''] = text.split(/ +/);
  const number = two(MONTHS.findIndex((name) => name.toLowerCase() === month.toLowerCase()) + 1);
  const hour = clock.indexOf(':') === 1 ? '0' : '';
  const at = parseRfc3339(`${year}-${number}-${day}T${hour}${clock}Z`);
  return at ?? dayComplaint(text);
}

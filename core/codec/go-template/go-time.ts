/** Go's time layouts: 2006-01-02T15:04:05Z07:00 and what can be made of its parts. UTC only. */
import { dateOf } from '../rfc3339.ts';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July'].concat([
  'August',
  'September',
  'October',
  'November',
  'December',
]);
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const LAYOUT = /January|Jan|Monday|Mon|MST|2006|Z07:00|-07:00|-0700|-07|01|02|03|04|05|06|15|PM|pm|_2|1|2|3|4|5/g;

const two = (value: number): string => String(value).padStart(2, '0');

/** `seconds` since 1970. */
export function formatGoTime(layout: string, seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const { year, month, day } = dateOf(days);
  const [hour, minute, second] = [Math.floor(rest / 3_600), Math.floor(rest / 60) % 60, rest % 60];
  const weekday = DAYS[(((days + 4) % 7) + 7) % 7]!;
  const half = hour % 12 === 0 ? 12 : hour % 12;
  const parts: Readonly<Record<string, string>> = {
    January: MONTHS[month - 1]!,
    Jan: MONTHS[month - 1]!.slice(0, 3),
    Monday: weekday,
    Mon: weekday.slice(0, 3),
    MST: 'UTC',
    '2006': String(year).padStart(4, '0'),
    '06': two(year % 100),
    '01': two(month),
    '1': String(month),
    '02': two(day),
    '2': String(day),
    _2: String(day).padStart(2),
    '15': two(hour),
    '03': two(half),
    '3': String(half),
    '04': two(minute),
    '4': String(minute),
    '05': two(second),
    '5': String(second),
    PM: hour < 12 ? 'AM' : 'PM',
    pm: hour < 12 ? 'am' : 'pm',
    'Z07:00': 'Z',
    '-07:00': '+00:00',
    '-0700': '+0000',
    '-07': '+00',
  };
  return layout.replace(LAYOUT, (part) => parts[part]!);
}

/** As Go's strings.TrimSpace, which takes NEL for a blank and a byte order mark for none. */
export const trimGoSpace = (text: string): string => text.replace(outer, '');

const blank = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const outer = new RegExp(`^${blank}|${blank}$`, 'g');

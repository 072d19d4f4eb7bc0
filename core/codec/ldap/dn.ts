/** Distinguished names (RFC 4514), as far as they are taken apart here. */
import { encodeHex } from '../hex.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';

export interface Attribute {
  readonly type: string;
  readonly value: string;
}

/** The attributes in their order, those of one RDN side by side; undefined for what is no DN. */
export function parseDn(text: string): Attribute[] | undefined {
  const found: Attribute[] = [];
  if (text.trim() === '') return found;
  let at = 0;
  for (;;) {
    const equals = text.indexOf('=', at);
    if (equals < 0) return undefined;
    const type = text.slice(at, equals).trim();
    if (type === '' || /[,+;"\\<>]/.test(type)) return undefined;
    const value = valueAt(text, equals + 1);
    if (value === undefined) return undefined;
    found.push({ type, value: value.text });
    if (value.end >= text.length) return found;
    at = value.end + 1;
  }
}

function valueAt(text: string, from: number): { readonly text: string; readonly end: number } | undefined {
  const bytes: number[] = [];
  let kept = 0;
  let at = from;
  while (text[at] === ' ') at++;
  for (; at < text.length && !',+;'.includes(text[at]!); at++) {
    if (text[at] !== '\\') {
      bytes.push(...encodeUtf8(String.fromCodePoint(text.codePointAt(at)!)));
      if (text[at] !== ' ') kept = bytes.length;
      if (text.codePointAt(at)! > 0xffff) at++;
      continue;
    }
    const next = text[at + 1];
    if (next === undefined) return undefined;
    if (' "#+,;<=>\\'.includes(next)) bytes.push(next.charCodeAt(0));
    else {
      const digits = text.slice(at + 1, at + 3);
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) return undefined;
      bytes.push(parseInt(digits, 16));
      at++;
    }
    at++;
    kept = bytes.length;
  }
  return { text: decodeUtf8(Uint8Array.from(bytes.slice(0, kept))), end: at };
}

/** A text as the value of an attribute in a DN, escaped as upstream does it: every '#', and all that is not printable ASCII. */
export function escapeDnValue(text: string): string {
  const bytes = encodeUtf8(text);
  let escaped = '';
  for (const [i, byte] of bytes.entries()) {
    const char = String.fromCharCode(byte);
    const edge = char === ' ' && (i === 0 || i === bytes.length - 1);
    if (edge || '#"+,;<>\\'.includes(char)) escaped += `\\${char}`;
    else if (byte < 0x20 || byte > 0x7e) escaped += `\\${encodeHex(bytes.subarray(i, i + 1))}`;
    else escaped += char;
  }
  return escaped;
}

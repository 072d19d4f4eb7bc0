/** The values of HCL literals. */
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const NAMED: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, '"': 34 };

/** The text of a quoted string, escapes resolved (left alone inside `${…}`); undefined when it is not well formed. */
export function unquote(quoted: string): string | undefined {
  if (quoted.length < 2 || !quoted.startsWith('"') || !quoted.endsWith('"')) return undefined;
  const inner = quoted.slice(1, -1);
  if (!inner.includes('\\') && !inner.includes('${')) return inner.includes('\n') ? undefined : inner;
  const bytes: number[] = [];
  const append = (text: string): void => {
    for (const byte of encodeUtf8(text)) bytes.push(byte);
  };
  for (let at = 0; at < inner.length;) {
    if (inner.startsWith('${', at)) {
      const end = interpolationEnd(inner, at);
      append(inner.slice(at, end));
      at = end;
      continue;
    }
    if (inner[at] !== '\\') {
      const character = String.fromCodePoint(inner.codePointAt(at)!);
      if (character === '\n' || character === '"') return undefined;
      append(character);
      at += character.length;
      continue;
    }
    const kind = inner[at + 1] ?? '';
    const named = NAMED[kind];
    if (named !== undefined) {
      bytes.push(named);
      at += 2;
      continue;
    }
    const octal = /^[0-7]{3}/.exec(inner.slice(at + 1, at + 4));
    if (octal !== null) {
      const value = Number.parseInt(octal[0], 8);
      if (value > 255) return undefined;
      bytes.push(value);
      at += 4;
      continue;
    }
    const length = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0;
    const digits = inner.slice(at + 2, at + 2 + length);
    if (length === 0 || digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
    const value = Number.parseInt(digits, 16);
    if (value > 0x10ffff) return undefined;
    if (kind === 'x') bytes.push(value);
    else append(String.fromCodePoint(value));
    at += 2 + length;
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

function interpolationEnd(text: string, start: number): number {
  let braces = 0;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '{') braces++;
    else if (text[at] === '}' && --braces === 0) return at + 1;
  }
  return text.length;
}

/** Lines between the anchors; `<<-` takes away the indentation of the last line where every line has it. */
export function heredocValue(text: string): string {
  const firstBreak = text.indexOf('\n');
  const indented = text[2] === '-';
  const anchor = text.slice(indented ? 3 : 2, firstBreak).replace('\r', '');
  const body = text.slice(firstBreak + 1, text.endsWith('\n') ? -1 : undefined);
  const lines = body.split('\n');
  const last = lines.pop() ?? '';
  if (!indented) return lines.map((line) => `${line}\n`).join('');
  const prefix = last.slice(0, last.length - anchor.length);
  const strip = lines.every((line) => line.startsWith(prefix) || line === '');
  return lines.map((line) => `${strip ? line.slice(prefix.length) : line}\n`).join('');
}

/** Decimal, octal (leading 0) and hexadecimal integers, and floats. */
export function numberValue(text: string): number {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return negative ? -value : value;
}

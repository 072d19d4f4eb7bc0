/** Literals as values. */
import { concatBytes } from '../codec/bytes.ts';
import { ESCAPES } from '../codec/go-quote.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Token } from './lexer.ts';
import type { CelValue } from './values.ts';
import { Uint } from './values.ts';

const INT_MAX = 9_223_372_036_854_775_807n;
const UINT_MAX = 18_446_744_073_709_551_615n;

/** The value of a literal; undefined: out of range. A minus before an int belongs to it. */
export function literalValue({ kind, text }: Token, negative = false): CelValue | undefined {
  switch (kind) {
    case 'int': {
      const value = negative ? -BigInt(text) : BigInt(text);
      return value > INT_MAX || value < -INT_MAX - 1n ? undefined : value;
    }
    case 'uint': {
      const value = BigInt(text.slice(0, -1));
      return value > UINT_MAX ? undefined : new Uint(value);
    }
    case 'double': {
      const value = negative ? -Number(text) : Number(text);
      return Number.isFinite(value) ? value : undefined;
    }
    case 'string':
      return pieces(text)
        .map((piece) => (typeof piece === 'string' ? piece : String.fromCodePoint(piece.code)))
        .join('');
    case 'bytes':
      return concatBytes(
        ...pieces(text).map((piece) =>
          typeof piece === 'string'
            ? encodeUtf8(piece)
            : piece.octet
              ? Uint8Array.of(piece.code)
              : encodeUtf8(String.fromCodePoint(piece.code)),
        ),
      );
    default:
      return undefined;
  }
}

interface Escaped {
  readonly code: number;
  /** \x41 and \101: in bytes they stand for one octet. */
  readonly octet: boolean;
}

function pieces(text: string): (string | Escaped)[] {
  const prefix = /^[a-zA-Z]*/.exec(text)![0];
  const quoted = text.slice(prefix.length);
  const width = quoted.startsWith('"""') || quoted.startsWith("'''") ? 3 : 1;
  const inside = quoted.slice(width, -width);
  if (/r/i.test(prefix)) return [inside];
  return (inside.match(/\\[xX]..|\\u.{4}|\\U.{8}|\\[0-7]{3}|\\.|[^\\]+/gsu) ?? []).map((part) => {
    if (!part.startsWith('\\')) return part;
    const mark = part[1]!;
    if (/[xX]/.test(mark)) return { code: Number.parseInt(part.slice(2), 16), octet: true };
    if (/[uU]/.test(mark)) return { code: Number.parseInt(part.slice(2), 16), octet: false };
    if (/[0-7]/.test(mark)) return { code: Number.parseInt(part.slice(1), 8), octet: true };
    return ESCAPES[mark] ?? mark;
  });
}

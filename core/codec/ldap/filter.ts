/** Search filters: their text (RFC 4515), their BER (RFC 4511, section 4.5.1.7), and what is wrong with one in Go's words. */
import { concatBytes } from '../bytes.ts';
import { context, element } from '../der.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { DEEPEST, Nesting } from '../nesting.ts';
import { boolean, BerReader, BerError, octets } from './ber.ts';
import { FILTER_COMPILE_ERROR, LdapError } from './result-code.ts';

export type Comparison = 'equal' | 'greater' | 'less' | 'approximate';

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: Comparison; readonly attribute: string; readonly value: Uint8Array }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'substrings'; readonly attribute: string; readonly parts: readonly Substring[] }
  | {
      readonly kind: 'extensible';
      readonly attribute: string;
      readonly rule: string;
      readonly withDn: boolean;
      readonly value: Uint8Array;
    };

export interface Substring {
  readonly at: 'initial' | 'any' | 'final';
  readonly value: Uint8Array;
}

const wrong = (what: string): LdapError => new LdapError(FILTER_COMPILE_ERROR, `ldap: ${what}`);

/** For a value inside of a filter: what would end or change it, and what is not ASCII, as `\xx`. */
export function escapeFilter(text: string): string {
  let escaped = '';
  for (const byte of encodeUtf8(text)) {
    const special = byte === 0 || byte > 0x7f || byte === 0x28 || byte === 0x29 || byte === 0x2a || byte === 0x5c;
    escaped += special ? `\\${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
  }
  return escaped;
}

/** Throws LdapError. */
export function parseFilter(text: string): Filter {
  if (!text.startsWith('(')) throw wrong("filter does not start with an '('");
  const nesting = new Nesting(DEEPEST, () => wrong(`filter nested more than ${DEEPEST} deep`));
  const [filter, end] = parseAt(text, 1, nesting);
  if (end > text.length) throw wrong('unexpected end of filter');
  if (end < text.length) throw wrong(`finished compiling filter with extra at end: ${text.slice(end)}`);
  return filter;
}

/** `at` is after the parenthesis; gives where the rest begins. */
function parseAt(text: string, at: number, nesting: Nesting): [Filter, number] {
  switch (text[at]) {
    case '(': {
      const [filter, end] = nesting.within(() => parseAt(text, at + 1, nesting));
      return [filter, end + 1];
    }
    case '&':
      return parseSet('and', text, at + 1, nesting);
    case '|':
      return parseSet('or', text, at + 1, nesting);
    case '!':
      return parseNot(text, at + 1, nesting);
    default:
      return parseItem(text, at);
  }
}

function parseSet(kind: 'and' | 'or', text: string, from: number, nesting: Nesting): [Filter, number] {
  const filters: Filter[] = [];
  let at = from;
  while (text[at] === '(') {
    const next = at + 1;
    const [filter, end] = nesting.within(() => parseAt(text, next, nesting));
    filters.push(filter);
    at = end;
  }
  if (at === text.length) throw wrong('unexpected end of filter');
  return [{ kind, filters }, at + 1];
}

function parseNot(text: string, at: number, nesting: Nesting): [Filter, number] {
  try {
    const [filter, end] = nesting.within(() => parseAt(text, at, nesting));
    return [{ kind: 'not', filter }, end];
  } catch {
    // Upstream's client loses what was wrong, and with it where it was.
    throw wrong(`finished compiling filter with extra at end: ${text}`);
  }
}

type Draft = { kind: Comparison | 'extensible'; rule: string; withDn: boolean };

const OPERATORS: readonly (readonly [text: string, draft: Draft, inRule: boolean])[] = [
  [':dn:=', { kind: 'extensible', rule: '', withDn: true }, false],
  [':dn:', { kind: 'extensible', rule: '', withDn: true }, true],
  [':=', { kind: 'extensible', rule: '', withDn: false }, false],
  [':', { kind: 'extensible', rule: '', withDn: false }, true],
  ['=', { kind: 'equal', rule: '', withDn: false }, false],
  ['>=', { kind: 'greater', rule: '', withDn: false }, false],
  ['<=', { kind: 'less', rule: '', withDn: false }, false],
  ['~=', { kind: 'approximate', rule: '', withDn: false }, false],
];

function parseItem(text: string, from: number): [Filter, number] {
  const close = text.indexOf(')', from);
  const item = close < 0 ? text.slice(from) : text.slice(from, close);
  if (close < 0) throw wrong('unexpected end of filter');
  for (let at = 0; at < item.length; at++) {
    const found = OPERATORS.find(([operator]) => item.startsWith(operator, at));
    if (found === undefined) continue;
    const [operator, { kind, withDn }, inRule] = found;
    const attribute = item.slice(0, at);
    let condition = item.slice(at + operator.length);
    let rule = '';
    if (inRule) {
      const end = condition.indexOf(':=');
      rule = end < 0 ? condition : condition.slice(0, end);
      condition = end < 0 ? '' : condition.slice(end + 2);
    }
    const filter: Filter =
      kind === 'extensible'
        ? { kind, attribute, rule, withDn, value: unescape(condition) }
        : compared(kind, attribute, condition);
    return [filter, close + 1];
  }
  throw wrong('error parsing filter');
}

function compared(kind: Comparison, attribute: string, condition: string): Filter {
  if (kind !== 'equal' || !condition.includes('*')) return { kind, attribute, value: unescape(condition) };
  if (condition === '*') return { kind: 'present', attribute };
  const pieces = condition.split('*');
  const parts = pieces.flatMap((piece, i): Substring[] => {
    if (piece === '') return [];
    const at = i === 0 ? 'initial' : i === pieces.length - 1 ? 'final' : 'any';
    return [{ at, value: unescape(piece) }];
  });
  return { kind: 'substrings', attribute, parts };
}

function unescape(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const escape = text.indexOf('\\', at);
    parts.push(encodeUtf8(escape < 0 ? text.slice(at) : text.slice(at, escape)));
    if (escape < 0) return concatBytes(...parts);
    const digits = text.slice(escape + 1, escape + 3);
    if (digits.length < 2) throw wrong('missing characters for escape in filter');
    const bad = /[^0-9a-fA-F]/u.exec(digits)?.[0];
    if (bad !== undefined) {
      const code = bad.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      throw wrong(`invalid characters for escape in filter: encoding/hex: invalid byte: U+${code} '${bad}'`);
    }
    parts.push(Uint8Array.of(parseInt(digits, 16)));
    at = escape + 3;
  }
}

const CHOICES: readonly Filter['kind'][] = [
  'and',
  'or',
  'not',
  'equal',
  'substrings',
  'greater',
  'less',
  'present',
  'approximate',
  'extensible',
];
const PLACES: readonly Substring['at'][] = ['initial', 'any', 'final'];

export function encodeFilter(filter: Filter): Uint8Array {
  const choice = CHOICES.indexOf(filter.kind);
  switch (filter.kind) {
    case 'and':
    case 'or':
      return element(context(choice, true), ...filter.filters.map(encodeFilter));
    case 'not':
      return element(context(choice, true), encodeFilter(filter.filter));
    case 'present':
      return octets(filter.attribute, context(choice, false));
    case 'substrings': {
      const parts = filter.parts.map(({ at, value }) => octets(value, context(PLACES.indexOf(at), false)));
      return element(context(choice, true), octets(filter.attribute), element(0x30, ...parts));
    }
    case 'extensible': {
      const { attribute, rule, withDn, value } = filter;
      return element(
        context(choice, true),
        ...(rule === '' ? [] : [octets(rule, context(1, false))]),
        ...(attribute === '' ? [] : [octets(attribute, context(2, false))]),
        octets(value, context(3, false)),
        ...(withDn ? [element(context(4, false), boolean(true).subarray(2))] : []),
      );
    }
    default:
      return element(context(choice, true), octets(filter.attribute), octets(filter.value));
  }
}

/** Throws BerError. */
export function decodeFilter(reader: BerReader): Filter {
  const nesting = new Nesting(DEEPEST, () => new BerError(`filter nested more than ${DEEPEST} deep`));
  return decodeInside(reader, nesting);
}

function decodeInside(reader: BerReader, nesting: Nesting): Filter {
  const inside = (): Filter => nesting.within(() => decodeInside(inner, nesting));
  const { tag, contents } = reader.any();
  const kind = CHOICES[tag & 0x1f];
  const inner = new BerReader(contents);
  switch (kind) {
    case undefined:
      throw new BerError('unknown filter');
    case 'and':
    case 'or': {
      const filters: Filter[] = [];
      while (!inner.atEnd) filters.push(inside());
      return { kind, filters };
    }
    case 'not':
      return { kind, filter: inside() };
    case 'present':
      return { kind, attribute: decodeUtf8(contents) };
    case 'substrings': {
      const attribute = inner.text();
      const list = inner.sequence();
      const parts: Substring[] = [];
      while (!list.atEnd) {
        const part = list.any();
        const at = PLACES[part.tag & 0x1f];
        if (at === undefined) throw new BerError('unknown part of a value');
        parts.push({ at, value: part.contents });
      }
      return { kind, attribute, parts };
    }
    case 'extensible': {
      const rule = inner.optional(context(1, false));
      const attribute = inner.optional(context(2, false));
      const value = inner.read(context(3, false));
      const withDn = inner.optional(context(4, false));
      const text = (bytes: Uint8Array | undefined): string => (bytes === undefined ? '' : decodeUtf8(bytes));
      return { kind, attribute: text(attribute), rule: text(rule), withDn: withDn?.[0] === 0xff, value };
    }
    default:
      return { kind, attribute: inner.text(), value: inner.read(0x04) };
  }
}

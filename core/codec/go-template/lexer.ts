/** Text and actions of a template, and the words of an action. */

/** A template that cannot be parsed or applied; Go's text. */
export class GoTemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GoTemplateError';
  }
}

export interface Word {
  readonly kind:
    'name' | 'field' | 'variable' | 'dot' | 'string' | 'number' | 'character' | 'bool' | 'nil' | 'symbol' | 'end';
  readonly text: string;
  /** Units from the start of the template. */
  readonly at: number;
}

export type Piece = { readonly text: string } | { readonly words: readonly Word[]; readonly at: number };

const WORD =
  /(?<space>[ \t\r\n]+)|(?<variable>\$[\p{L}_\d]*)|(?<field>\.[\p{L}_][\p{L}_\d]*)|(?<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?<character>'(?:\\.|[^'\\\n])+')|(?<number>[+-]?(?:0[xX][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+))|(?<name>[\p{L}_][\p{L}_\d]*)|(?<symbol>:=|[|(),=])|(?<dot>\.)/uy;

/** Throws GoTemplateError; `name` stands in its text. */
export function lexTemplate(text: string, name: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trim = false;
  for (;;) {
    const open = text.indexOf('{{', at);
    let plain = text.slice(at, open < 0 ? undefined : open);
    if (trim) plain = plain.trimStart();
    const trimsLeft = open >= 0 && /^\{\{-[ \t\r\n]/.test(text.slice(open));
    if (trimsLeft) plain = plain.trimEnd();
    if (plain !== '') pieces.push({ text: plain });
    if (open < 0) return pieces;
    const fail = (message: string): GoTemplateError => broken(text, name, open, message);
    let inside = open + (trimsLeft ? 3 : 2);
    const comment = (trimsLeft ? /^\s+\/\*/ : /^\/\*/).exec(text.slice(inside));
    if (comment !== null) {
      const close = text.indexOf('*/', inside);
      if (close < 0) throw fail('unclosed comment');
      const end = /^(\s+-)?\}\}/.exec(text.slice(close + 2));
      if (end === null) throw fail('comment ends before closing delimiter');
      trim = end[1] !== undefined;
      at = close + 2 + end[0].length;
      continue;
    }
    const words: Word[] = [];
    for (;;) {
      const end = /^(?:([ \t\r\n]+-)?\}\})/.exec(text.slice(inside));
      if (end !== null) {
        trim = end[1] !== undefined;
        at = inside + end[0].length;
        break;
      }
      if (inside >= text.length) throw brokenIn(text, name, open, text.length, 'unclosed action');
      WORD.lastIndex = inside;
      const found = WORD.exec(text);
      if (found === null) throw unexpected(text, name, open, inside, words);
      const [kind] = Object.entries(found.groups!).find(([, part]) => part !== undefined)!;
      const word = found[0];
      if (kind === 'name' && (word === 'true' || word === 'false'))
        words.push({ kind: 'bool', text: word, at: inside });
      else if (kind === 'name' && word === 'nil') words.push({ kind: 'nil', text: word, at: inside });
      else
        words.push({
          kind: (kind === 'space' ? 'symbol' : kind) as Word['kind'],
          text: kind === 'space' ? ' ' : word,
          at: inside,
        });
      inside += word.length;
      if (/^(?:name|field|variable)$/.test(kind)) checkTerminator(text, name, open, inside);
      if (kind === 'number') checkNumber(text, name, open, word, inside);
    }
    pieces.push({ words: [...words, { kind: 'end', text: '}}', at: inside }], at: open });
  }
}

/** With the line that it is on. */
export function broken(text: string, name: string, at: number, message: string): GoTemplateError {
  return new GoTemplateError(`template: ${name}:${lineAt(text, at)}: ${message}`);
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** The same of a word that is none; with the line that its action began on, where that is another one. */
export function brokenIn(text: string, name: string, open: number, at: number, message: string): GoTemplateError {
  const began = lineAt(text, open);
  if (began === lineAt(text, at)) return broken(text, name, at, message);
  const where = message.endsWith(' action') ? 'started' : 'in action started';
  return broken(text, name, at, `${message} ${where} at ${name}:${began}`);
}

/** What may follow a name without a space between. */
const TERMINATOR = /[ \t\r\n.,|:)(]|\}\}|$/y;

function checkTerminator(text: string, name: string, open: number, at: number): void {
  TERMINATOR.lastIndex = at;
  if (TERMINATOR.test(text)) return;
  const point = text.codePointAt(at)!;
  const number = point.toString(16).toUpperCase().padStart(4, '0');
  throw brokenIn(text, name, open, at, `bad character U+${number} '${String.fromCodePoint(point)}'`);
}

/** A number that goes on as none does. */
function checkNumber(text: string, name: string, open: number, number: string, at: number): void {
  const next = /^[\p{L}_\d]/u.exec(text.slice(at))?.[0];
  if (next === undefined) return;
  const whole = `${number}${next}`;
  // A base without digits is read as a number, and is none.
  if (/^[+-]?0[xXbBoO]$/.test(whole) && !/^[\p{L}_\d]/u.test(text.slice(at + 1))) {
    throw broken(text, name, at, `illegal number syntax: "${whole}"`);
  }
  throw brokenIn(text, name, open, at, `bad number syntax: "${whole}"`);
}

function unexpected(text: string, name: string, open: number, at: number, words: readonly Word[]): GoTemplateError {
  const character = text[at]!;
  if (character === '"') return brokenIn(text, name, open, at, 'unterminated quoted string');
  if (character === '`') return brokenIn(text, name, open, at, 'unterminated raw quoted string');
  if (character === "'") return brokenIn(text, name, open, at, 'unterminated character constant');
  if (character === '+' || character === '-') {
    const next = /^[\p{L}_]/u.exec(text.slice(at + 1))?.[0];
    if (next === undefined) return broken(text, name, at, `illegal number syntax: "${character}"`);
    return brokenIn(text, name, open, at, `bad number syntax: "${character}${next}"`);
  }
  return broken(text, name, at, `unexpected "${character}" in ${contextOf(words)}`);
}

/** Where something else was expected, as Go calls it. */
function contextOf(words: readonly Word[]): string {
  const last = words.findLast((word) => word.text !== ' ');
  if (last === undefined || last.text === '|' || last.text === ':=' || last.text === '=') return 'command';
  if (last.text === '(') return 'parenthesized pipeline';
  const first = words.find((word) => word.text !== ' ');
  if (last === first && /^(?:if|range|with)$/.test(last.text)) return last.text;
  return 'operand';
}

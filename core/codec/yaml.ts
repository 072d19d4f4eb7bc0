/**
 * YAML as people write small objects in it: mappings, sequences, flow collections, plain and quoted scalars, comments.
 * Not there: anchors, tags, block scalars, and more than the first document. What is not understood throws YamlError.
 */
import { JsonError, emptyObject, type JsonObject, type JsonValue } from './json-value.ts';
import { JsonReader } from './json-reader.ts';
import { DEEPEST, Nesting } from './nesting.ts';

export class YamlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'YamlError';
  }
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s\-?:,[\]{}#&*!|>'"%@`](?:[^:]|:(?! |$))*?)\s*:(?: +(.*)|)$/s;

/** The first document; null when there is nothing. */
export function parseYaml(text: string): JsonValue {
  const lines: Line[] = [];
  for (const raw of text.split('\n')) {
    if (/^---(?:\s|$)/.test(raw)) {
      if (lines.length > 0) break;
      continue;
    }
    const whole = withoutComment(raw).trimEnd();
    if (whole.trim() === '') continue;
    const indent = whole.length - whole.trimStart().length;
    if (whole.slice(0, indent).includes('\t')) throw new YamlError('found character that cannot start any token');
    lines.push({ indent, text: whole.slice(indent) });
  }
  if (lines.length === 0) return null;
  const blocks = new Blocks(lines);
  const value = blocks.block(lines[0]!.indent);
  if (!blocks.atEnd) throw new YamlError('did not find expected key');
  return value;
}

/** A comment begins at the start of a line or after white space, and not inside of quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (quote !== '') {
      if (character === '\\' && quote === '"') at++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '#' && (at === 0 || /\s/.test(line[at - 1]!))) return line.slice(0, at);
  }
  return line;
}

const nesting = (): Nesting => new Nesting(DEEPEST, () => new YamlError(`exceeded max depth of ${DEEPEST}`));

const isItem = ({ text }: Line): boolean => text === '-' || text.startsWith('- ');

class Blocks {
  readonly #lines: Line[];
  readonly #nesting = nesting();
  #at = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  get atEnd(): boolean {
    return this.#at >= this.#lines.length;
  }

  /** What stands at this depth. */
  block(indent: number): JsonValue {
    const line = this.#lines[this.#at]!;
    if (isItem(line)) return this.#nesting.within(() => this.#sequence(indent));
    if (KEY.test(line.text)) return this.#nesting.within(() => this.#mapping(indent));
    return this.#scalar(line.text);
  }

  #here(indent: number): Line | undefined {
    const line = this.#lines[this.#at];
    return line?.indent === indent ? line : undefined;
  }

  #sequence(indent: number): JsonValue {
    const items: JsonValue[] = [];
    for (;;) {
      const line = this.#here(indent);
      if (line === undefined || !isItem(line)) return items;
      const rest = line.text.slice(1).trimStart();
      if (rest === '') {
        this.#at++;
        items.push(this.#deeper(indent));
        continue;
      }
      const inner = { indent: indent + line.text.length - rest.length, text: rest };
      if (isItem(inner) || KEY.test(rest)) {
        this.#lines[this.#at] = inner;
        items.push(this.block(inner.indent));
      } else items.push(this.#scalar(rest));
    }
  }

  #mapping(indent: number): JsonObject {
    const fields = emptyObject();
    for (;;) {
      const line = this.#here(indent);
      const found = line === undefined || isItem(line) ? null : KEY.exec(line.text);
      if (found === null) return fields;
      const key = keyOf(found[1]!);
      const rest = found[2] ?? '';
      if (rest === '') {
        this.#at++;
        const next = this.#here(indent);
        fields[key] = next !== undefined && isItem(next) ? this.#sequence(indent) : this.#deeper(indent);
      } else fields[key] = this.#scalar(rest);
    }
  }

  #deeper(indent: number): JsonValue {
    const next = this.#lines[this.#at];
    return next === undefined || next.indent <= indent ? null : this.block(next.indent);
  }

  /** Flow collections may go on over lines. */
  #scalar(text: string): JsonValue {
    this.#at++;
    let whole = text;
    while (/^[[{]/.test(whole) && !isBalanced(whole) && !this.atEnd) whole += ` ${this.#lines[this.#at++]!.text}`;
    return scalarOf(whole);
  }
}

function isBalanced(text: string): boolean {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '');
  return bare.replace(/[^[{]/g, '').length <= bare.replace(/[^\]}]/g, '').length;
}

function scalarOf(text: string): JsonValue {
  if (/^[[{]/.test(text)) return new Flow(text).whole();
  if (text.startsWith('"')) return doubleQuoted(text);
  if (text.startsWith("'")) {
    if (!/^'(?:[^']|'')*'$/.test(text)) throw new YamlError('found unexpected end of stream');
    return text.slice(1, -1).replaceAll("''", "'");
  }
  if (/^[&*!|>%@`]/.test(text)) throw new YamlError(`what begins with ${text[0]!} is not understood`);
  if (/: |:$/.test(text)) throw new YamlError('mapping values are not allowed in this context');
  return plain(text);
}

/** Keys are texts, whatever they look like. */
const keyOf = (text: string): string => (/^["']/.test(text) ? (scalarOf(text) as string) : text);

function doubleQuoted(text: string): JsonValue {
  try {
    return new JsonReader(text, 'whole').whole();
  } catch (error) {
    throw error instanceof JsonError ? new YamlError('found unknown escape character') : error;
  }
}

function plain(text: string): JsonValue {
  if (['', '~', 'null', 'Null', 'NULL'].includes(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  return /^-?(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/** `[a, b]` and `{a: b}`. */
class Flow {
  readonly #text: string;
  readonly #nesting = nesting();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonValue {
    const value = this.#value();
    if (this.#text.slice(this.#at).trim() !== '') throw new YamlError('did not find expected <document start>');
    return value;
  }

  #skip(): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at];
  }

  #value(): JsonValue {
    const first = this.#skip();
    if (first === '[') return this.#nesting.within(() => this.#list());
    if (first === '{') return this.#nesting.within(() => this.#object());
    return scalarOf(this.#token());
  }

  /** Quoted, or up to what ends a plain scalar. */
  #token(): string {
    const rest = this.#text.slice(this.#at);
    const found = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^,[\]{}:]|:(?![\s,\]}]|$))+)/.exec(rest);
    if (found === null) throw new YamlError('did not find expected node content');
    this.#at += found[0].length;
    return found[0].trim();
  }

  #list(): JsonValue {
    const items: JsonValue[] = [];
    this.#at++;
    while (this.#skip() !== ']') {
      items.push(this.#value());
      this.#separator(']');
    }
    this.#at++;
    return items;
  }

  #object(): JsonValue {
    const fields = emptyObject();
    this.#at++;
    while (this.#skip() !== '}') {
      const key = keyOf(this.#token());
      if (this.#skip() === ':') {
        this.#at++;
        const next = this.#skip();
        fields[key] = next === ',' || next === '}' ? null : this.#value();
      } else fields[key] = null;
      this.#separator('}');
    }
    this.#at++;
    return fields;
  }

  #separator(end: string): void {
    const next = this.#skip();
    if (next === ',') this.#at++;
    else if (next !== end) throw new YamlError(`did not find expected ',' or '${end}'`);
  }
}

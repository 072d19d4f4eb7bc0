/** Whether a text is one address of mail as Go's net/mail reads it (RFC 5322, with what it forgives and what it does not). */
import { parseIp } from './address.ts';

const ATOM = /^[!#-'*+\-./0-9=?A-Z^-~\u0080-\u{10ffff}]+/u;
const QUOTED = /^"((?:\\[\t\x20-\x7e\u0080-\u{10ffff}]|[\t !\x23-\x5b\x5d-\x7e\u0080-\u{10ffff}])*)"/u;
const LITERAL = /^\[([!-Z^-~\u0080-\u{10ffff}]*)\]/u;

/** What is left to read. Each reader says whether it found its part, and leaves the text alone where it did not. */
class Reader {
  #left: string;

  constructor(text: string) {
    this.#left = text;
  }

  get done(): boolean {
    return this.#left === '';
  }

  starts(text: string): boolean {
    return this.#left.startsWith(text);
  }

  space(): void {
    this.#left = this.#left.replace(/^[ \t]+/, '');
  }

  take(text: string): boolean {
    if (!this.starts(text)) return false;
    this.#left = this.#left.slice(text.length);
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.#left);
    if (found === null) return undefined;
    this.#left = this.#left.slice(found[0].length);
    return found;
  }

  /** Comments may be in each other; a backslash hides what follows it. */
  comment(): boolean {
    let depth = 0;
    let at = 0;
    do {
      const character = this.#left[at];
      if (character === undefined) return false;
      if (character === '\\' && at + 1 < this.#left.length) at++;
      else if (character === '(') depth++;
      else if (character === ')') depth--;
      at++;
    } while (depth > 0);
    this.#left = this.#left.slice(at);
    return true;
  }

  commentsAndSpace(): boolean {
    this.space();
    while (this.starts('(')) {
      if (!this.comment()) return false;
      this.space();
    }
    return true;
  }

  #atom(strict: boolean): boolean {
    const before = this.#left;
    const found = this.#match(ATOM)?.[0];
    if (found !== undefined && !(strict && /^\.|\.\.|\.$/.test(found))) return true;
    this.#left = before;
    return false;
  }

  #quoted(): string | undefined {
    return this.#match(QUOTED)?.[1];
  }

  #domain(): boolean {
    this.space();
    if (!this.starts('[')) return this.#atom(true);
    const literal = this.#match(LITERAL)?.[1];
    return literal !== undefined && parseIp(literal) !== undefined;
  }

  /** local@domain */
  spec(): boolean {
    const before = this.#left;
    this.space();
    const local = this.starts('"') ? (this.#quoted() ?? '') !== '' : this.#atom(true);
    if (local && this.take('@') && this.#domain()) return true;
    this.#left = before;
    return false;
  }

  /** Words of a name for display; what follows the last that can be read is left. */
  phrase(): boolean {
    let words = 0;
    for (;;) {
      if (words > 0 && !this.commentsAndSpace()) return false;
      this.space();
      if (!(this.starts('"') ? this.#quoted() !== undefined : this.#atom(false))) return words > 0;
      words++;
    }
  }
}

/** How many addresses there are: one, or those of a group; undefined for a mistake. */
function address(text: Reader, mayBeGroup: boolean): number | undefined {
  text.space();
  if (text.spec()) {
    text.space();
    return text.starts('(') && !text.comment() ? undefined : 1;
  }
  if (!text.starts('<') && !text.phrase()) return undefined;
  text.space();
  if (mayBeGroup && text.take(':')) return group(text);
  return text.take('<') && text.spec() && text.take('>') ? 1 : undefined;
}

function group(text: Reader): number | undefined {
  text.space();
  if (text.take(';')) return text.commentsAndSpace() ? 0 : undefined;
  for (let count = 0; ;) {
    text.space();
    const found = address(text, false);
    if (found === undefined || !text.commentsAndSpace()) return undefined;
    count += found;
    if (text.take(';')) return text.commentsAndSpace() ? count : undefined;
    if (!text.take(',')) return undefined;
  }
}

export function isMailAddress(text: string): boolean {
  const reader = new Reader(text);
  return address(reader, true) === 1 && reader.commentsAndSpace() && reader.done;
}

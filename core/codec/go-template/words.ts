/** The words of a template one after the other, with a look ahead and a way back, and the line that errors name. */
import { quote } from '../go-quote.ts';
import { GoTemplateError, Lexer } from './lexer.ts';
import type { Word } from './lexer.ts';

export class Words {
  readonly #text: string;
  readonly #name: string;
  readonly #lexer: Lexer;
  /** Given back; the next one is the last. */
  readonly #back: Word[] = [];
  #last: Word = { kind: 'eof', text: '', at: 0 };
  /** Where the action began that is being read. */
  action: number | undefined;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
    this.#lexer = new Lexer(text);
  }

  take(): Word {
    const back = this.#back.pop();
    if (back !== undefined) return back;
    // Nothing follows upon what is wrong.
    return this.#last.kind === 'error' ? this.#last : (this.#last = this.#lexer.next());
  }

  /** In the order in which they were taken. */
  giveBack(...words: readonly Word[]): void {
    this.#back.push(...words.toReversed());
  }

  peek(): Word {
    const word = this.take();
    this.#back.push(word);
    return word;
  }

  /** The next one that is no space. */
  takeNext(): Word {
    for (;;) {
      const word = this.take();
      if (word.kind !== 'space') return word;
    }
  }

  peekNext(): Word {
    const word = this.takeNext();
    this.#back.push(word);
    return word;
  }

  /** With the line of what was read last. */
  fail(message: string): GoTemplateError {
    return new GoTemplateError(`template: ${this.#name}:${this.#line(this.#last.at)}: ${message}`);
  }

  /** A word that cannot stand there. */
  unexpected(word: Word, context: string): GoTemplateError {
    if (word.kind !== 'error') return this.fail(`unexpected ${shown(word)} in ${context}`);
    const began = this.action === undefined ? undefined : this.#line(this.action);
    if (began === undefined || began === this.#line(word.at)) return this.fail(word.text);
    const where = word.text.endsWith(' action') ? 'started' : 'in action started';
    return this.fail(`${word.text} ${where} at ${this.#name}:${began}`);
  }

  #line(at: number): number {
    let line = 1;
    for (let i = this.#text.indexOf('\n'); i >= 0 && i < at; i = this.#text.indexOf('\n', i + 1)) line += 1;
    return line;
  }
}

const IN_BRACKETS: ReadonlySet<Word['kind']> = new Set(['keyword', 'dot', 'nil']);
const SHOWN = 10;

function shown({ kind, text }: Word): string {
  if (kind === 'eof') return 'EOF';
  if (IN_BRACKETS.has(kind)) return `<${text}>`;
  const letters = Array.from(text);
  return letters.length > SHOWN ? `${quote(letters.slice(0, SHOWN).join(''))}...` : quote(text);
}

/**
 * HCL version 1 as upstream reads policies and server configuration: a text whose first character is `{` is its JSON
 * form. Texts and places of errors are upstream's.
 */
import { HclError } from './hcl-ast.ts';
import type { HclItem, HclKey, HclList, HclLiteral, HclObject, HclPosition, HclValue } from './hcl-ast.ts';
import { parseHclJson } from './hcl-json.ts';
import { heredocValue, numberValue, unquote } from './hcl-literal.ts';
import { HclScanner } from './hcl-scanner.ts';
import type { HclToken } from './hcl-scanner.ts';
import { DEEPEST, Nesting } from './nesting.ts';

export { HclError } from './hcl-ast.ts';
export type { HclItem, HclKey, HclList, HclLiteral, HclObject, HclPosition, HclValue } from './hcl-ast.ts';

/** Throws HclError. */
export function parseHcl(text: string): HclObject {
  return /^\s*\{/.test(text) ? parseHclJson(text) : new HclParser(text).file();
}

/** A missing value at the end of the text: upstream drops the item without a word. */
class EndOfText extends Error {}

const at = (position: HclPosition, message: string): HclError =>
  new HclError(`At ${position.line}:${position.column}: ${message}`, position);

class HclParser {
  readonly #scanner: HclScanner;
  #token: HclToken | undefined;
  #again = false;
  readonly #nesting = new Nesting(DEEPEST, () => {
    return at(this.#token!.position, `nested more than ${DEEPEST} deep`);
  });

  constructor(text: string) {
    this.#scanner = new HclScanner(text);
  }

  file(): HclObject {
    let items: HclItem[] = [];
    let failed: unknown;
    try {
      items = this.#items(false);
    } catch (error) {
      failed = error;
    }
    const { error } = this.#scanner.source;
    if (error !== undefined) throw at(error.position, error.message);
    if (failed !== undefined) throw failed as Error;
    return { kind: 'object', position: { line: 1, column: 1 }, items };
  }

  #scan(): HclToken {
    if (this.#again && this.#token !== undefined) this.#again = false;
    else {
      do this.#token = this.#scanner.scan();
      while (this.#token.type === 'COMMENT');
    }
    return this.#token;
  }

  #unscan(): void {
    this.#again = true;
  }

  #items(inBraces: boolean): HclItem[] {
    const items: HclItem[] = [];
    for (;;) {
      if (inBraces) {
        const ends = this.#scan().type === 'RBRACE';
        this.#unscan();
        if (ends) return items;
      }
      try {
        items.push(this.#item());
      } catch (error) {
        if (error instanceof EndOfText) return items;
        throw error;
      }
      if (this.#scan().type !== 'COMMA') this.#unscan();
    }
  }

  #item(): HclItem {
    const { keys, token } = this.#keys();
    let value: HclValue;
    if (token.type === 'ASSIGN') value = this.#value();
    else if (token.type === 'LBRACE') value = this.#object(token.position);
    else {
      const shown = keys.map((key) => key.source).join(' ');
      throw at(token.position, `key '${shown}' expected start of object ('{') or assignment ('=')`);
    }
    // Upstream looks for a comment behind the item here; it shows in the column of errors at the end of the text.
    this.#scan();
    this.#unscan();
    return { keys, assigned: token.type === 'ASSIGN' ? token.position : undefined, value };
  }

  #keys(): { keys: (HclKey & { source: string })[]; token: HclToken } {
    const keys: (HclKey & { source: string })[] = [];
    for (;;) {
      const token = this.#scan();
      switch (token.type) {
        case 'IDENT':
        case 'STRING': {
          const text = token.type === 'STRING' ? (unquote(token.text) ?? '') : token.text;
          keys.push({ text, position: token.position, source: token.text });
          continue;
        }
        case 'ASSIGN':
          if (keys.length > 1) throw at(token.position, `nested object expected: LBRACE got: ${token.type}`);
          if (keys.length === 0) throw at(token.position, 'no object keys found!');
          return { keys, token };
        case 'LBRACE':
          if (keys.length === 0) throw at(token.position, `expected: IDENT | STRING got: ${token.type}`);
          return { keys, token };
        case 'EOF':
          if (keys.length === 0) throw new EndOfText();
          return { keys, token };
        case 'RBRACE':
          if (keys.length > 0) return { keys, token };
          break;
        case 'ILLEGAL':
          throw at(token.position, 'illegal character');
        default:
          break;
      }
      throw at(token.position, `expected: IDENT | STRING | ASSIGN | LBRACE got: ${token.type}`);
    }
  }

  #value(): HclValue {
    const token = this.#scan();
    switch (token.type) {
      case 'NUMBER':
      case 'FLOAT':
      case 'BOOL':
      case 'STRING':
      case 'HEREDOC':
        return literal(token);
      case 'LBRACE':
        return this.#object(token.position);
      case 'LBRACK':
        return this.#list(token.position);
      case 'EOF':
        throw new EndOfText();
      default: {
        const { line, column } = token.position;
        throw at(token.position, `Unknown token: ${line}:${column} ${token.type} ${token.text}`);
      }
    }
  }

  #object(position: HclPosition): HclObject {
    const items = this.#nesting.within(() => this.#items(true));
    const end = this.#scan();
    if (end.type !== 'RBRACE') throw at(end.position, `object expected closing RBRACE got: ${end.type}`);
    return { kind: 'object', position, items };
  }

  #list(position: HclPosition): HclList {
    return this.#nesting.within(() => this.#listItems(position));
  }

  #listItems(position: HclPosition): HclList {
    const items: HclValue[] = [];
    let needsComma = false;
    for (;;) {
      const token = this.#scan();
      if (needsComma && token.type !== 'COMMA' && token.type !== 'RBRACK') {
        throw at(token.position, `error parsing list, expected comma or list end, got: ${token.type}`);
      }
      switch (token.type) {
        case 'BOOL':
        case 'NUMBER':
        case 'FLOAT':
        case 'STRING':
        case 'HEREDOC':
          items.push(literal(token));
          needsComma = true;
          break;
        case 'COMMA':
          this.#scan();
          this.#unscan();
          needsComma = false;
          break;
        case 'LBRACE':
          items.push(nested(token.position, 'object', () => this.#object(token.position)));
          needsComma = true;
          break;
        case 'LBRACK':
          items.push(nested(token.position, 'list', () => this.#list(token.position)));
          break;
        case 'RBRACK':
          return { kind: 'list', position, items };
        default:
          throw at(token.position, `unexpected token while parsing list: ${token.type}`);
      }
    }
  }
}

function nested(position: HclPosition, what: string, parse: () => HclValue): HclValue {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    throw at(position, `error while trying to parse ${what} within list: ${error.message}`);
  }
}

function literal({ type, text, position }: HclToken): HclLiteral {
  switch (type) {
    case 'STRING':
      // A broken literal is the scanner's error; upstream reports it when it has parsed on.
      return { kind: 'literal', type: 'string', position, source: text, value: unquote(text) ?? text };
    case 'HEREDOC':
      return { kind: 'literal', type: 'heredoc', position, source: text, value: heredocValue(text) };
    case 'BOOL':
      return { kind: 'literal', type: 'bool', position, source: text, value: text === 'true' };
    default:
      return {
        kind: 'literal',
        type: type === 'NUMBER' ? 'number' : 'float',
        position,
        source: text,
        value: numberValue(text),
      };
  }
}

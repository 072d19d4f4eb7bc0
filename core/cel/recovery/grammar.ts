/**
 * CEL's grammar as data, rule by rule as cel-go's is: which mistake is told of a text, and where reading goes on behind
 * it, hangs on how the rules are cut.
 */
import type { Token } from '../lexer.ts';
import { isWord } from '../lexer.ts';

/** All words, in the order in which errors list them. */
export const WORDS: readonly string[] = [
  '<EOF>',
  ...`== != in < <= >= > && || [ ] { } ( ) . , - ! ? : + * / % true false null`.split(' ').map((text) => `'${text}'`),
  ...'NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER ESC_IDENTIFIER'.split(' '),
];

const OF_KIND = {
  double: 'NUM_FLOAT',
  int: 'NUM_INT',
  uint: 'NUM_UINT',
  string: 'STRING',
  bytes: 'BYTES',
  quoted: 'ESC_IDENTIFIER',
  end: '<EOF>',
} as const;

export function wordOf(token: Token): string {
  const { kind, text } = token;
  if (kind === 'operator' || isWord(token)) return `'${text}'`;
  return kind === 'name' ? 'IDENTIFIER' : OF_KIND[kind];
}

export type RuleName =
  | 'start'
  | 'expr'
  | 'or'
  | 'and'
  | 'relation'
  | 'calc'
  | 'unary'
  | 'member'
  | 'primary'
  | 'args'
  | 'elements'
  | 'fields'
  | 'field'
  | 'entries'
  | 'ident'
  | 'element'
  | 'literal';

/** By the next word alone, or by as many as it takes to tell. */
export type Choosing = 'next' | 'ahead';

/** `as` is the name of what was read in its node. */
export type Piece =
  | { readonly is: 'word'; readonly words: readonly string[]; readonly as: string }
  | { readonly is: 'rule'; readonly rule: RuleName; readonly as: string; readonly precedence: number }
  | { readonly is: 'maybe'; readonly inside: readonly Piece[] }
  | { readonly is: 'many' | 'some'; readonly choosing: Choosing; readonly inside: readonly Piece[] }
  /** Each alternative is a node of its own. */
  | { readonly is: 'choice'; readonly choosing: Choosing; readonly alternatives: readonly Alternative[] }
  /** What follows an operand any number of times, and takes it in; one binds only where its precedence is enough. */
  | { readonly is: 'suffixes'; readonly alternatives: readonly Suffix[] };

export interface Alternative {
  readonly node: string;
  readonly pieces: readonly Piece[];
}
export interface Suffix extends Alternative {
  readonly precedence: number;
}

const word = (text: string, as = ''): Piece => ({ is: 'word', words: [text.length < 3 ? `'${text}'` : text], as });
const words = (texts: string, as = ''): Piece => ({
  is: 'word',
  words: texts.split(' ').map((text) => `'${text}'`),
  as,
});
const rule = (name: RuleName, as = '', precedence = 0): Piece => ({ is: 'rule', rule: name, as, precedence });
const maybe = (...inside: Piece[]): Piece => ({ is: 'maybe', inside });
const many = (choosing: Choosing, ...inside: Piece[]): Piece => ({ is: 'many', choosing, inside });
const some = (choosing: Choosing, ...inside: Piece[]): Piece => ({ is: 'some', choosing, inside });
const as = (node: string, ...pieces: Piece[]): Alternative => ({ node, pieces });
const choice = (choosing: Choosing, ...alternatives: Alternative[]): Piece => ({
  is: 'choice',
  choosing,
  alternatives,
});
const suffix = (precedence: number, node: string, ...pieces: Piece[]): Suffix => ({ precedence, node, pieces });
const suffixes = (...alternatives: Suffix[]): Piece => ({ is: 'suffixes', alternatives });

const pairs = (key: RuleName): Piece[] => {
  const pair = [rule(key, 'keys'), word(':', 'colons'), rule('expr', 'values')];
  return [...pair, many('ahead', word(','), ...pair)];
};
const DOT = maybe(word('.', 'dot'));

export const GRAMMAR: Readonly<Record<RuleName, readonly Piece[]>> = {
  start: [rule('expr', 'inside'), word('<EOF>')],
  expr: [rule('or', 'inside'), maybe(word('?', 'operator'), rule('or', 'yes'), word(':'), rule('expr', 'no'))],
  or: [rule('and', 'inside'), many('next', word('||', 'operator'), rule('and', 'more'))],
  and: [rule('relation', 'inside'), many('next', word('&&', 'operator'), rule('relation', 'more'))],
  relation: [
    rule('calc', 'inside'),
    suffixes(suffix(1, 'relation', words('< <= >= > == != in', 'operator'), rule('relation', 'right', 2))),
  ],
  calc: [
    rule('unary', 'inside'),
    suffixes(
      suffix(2, 'calc', words('* / %', 'operator'), rule('calc', 'right', 3)),
      suffix(1, 'calc', words('+ -', 'operator'), rule('calc', 'right', 2)),
    ),
  ],
  unary: [
    choice(
      'ahead',
      as('plain', rule('member', 'inside')),
      as('not', some('next', word('!', 'operator')), rule('member', 'inside')),
      as('negate', some('ahead', word('-', 'operator')), rule('member', 'inside')),
    ),
  ],
  member: [
    rule('primary', 'inside'),
    suffixes(
      suffix(3, 'select', word('.', 'operator'), maybe(word('?', 'optional')), rule('ident', 'name')),
      suffix(
        2,
        'method',
        word('.'),
        word('IDENTIFIER', 'name'),
        word('(', 'operator'),
        maybe(rule('args', 'args')),
        word(')'),
      ),
      suffix(1, 'index', word('[', 'operator'), maybe(word('?', 'optional')), rule('expr', 'index'), word(']')),
    ),
  ],
  primary: [
    choice(
      'ahead',
      as('name', DOT, word('IDENTIFIER', 'name')),
      as('call', DOT, word('IDENTIFIER', 'name'), word('(', 'operator'), maybe(rule('args', 'args')), word(')')),
      as('nested', word('('), rule('expr', 'inside'), word(')')),
      as('list', word('[', 'operator'), maybe(rule('elements', 'elements')), maybe(word(',')), word(']')),
      as('map', word('{', 'operator'), maybe(rule('entries', 'entries')), maybe(word(',')), word('}')),
      as(
        'struct',
        DOT,
        word('IDENTIFIER'),
        many('next', word('.'), word('IDENTIFIER')),
        word('{', 'operator'),
        maybe(rule('fields', 'fields')),
        maybe(word(',')),
        word('}'),
      ),
      as('constant', rule('literal', 'inside')),
    ),
  ],
  args: [rule('expr', 'values'), many('next', word(','), rule('expr', 'values'))],
  elements: [rule('element', 'values'), many('ahead', word(','), rule('element', 'values'))],
  fields: pairs('field'),
  field: [maybe(word('?', 'optional')), rule('ident', 'name')],
  entries: pairs('element'),
  ident: [
    choice('next', as('identifier', word('IDENTIFIER', 'word')), as('identifier', word('ESC_IDENTIFIER', 'word'))),
  ],
  element: [maybe(word('?', 'optional')), rule('expr', 'inside')],
  literal: [
    choice(
      'ahead',
      as('value', maybe(word('-', 'sign')), word('NUM_INT', 'word')),
      as('value', word('NUM_UINT', 'word')),
      as('value', maybe(word('-', 'sign')), word('NUM_FLOAT', 'word')),
      ...['STRING', 'BYTES'].map((text) => as('value', word(text, 'word'))),
      ...['true', 'false', 'null'].map((text) => as('fixed', words(text))),
    ),
  ],
};

/** The grammar as a network of states, in which words and rules are the ways from one to the next. */
import type { Choosing, Piece, RuleName } from './grammar.ts';
import { GRAMMAR } from './grammar.ts';

/** A way that takes no word has `words` undefined. */
export type Way =
  | { readonly is: 'free'; readonly to: State }
  | { readonly is: 'word'; readonly words: ReadonlySet<string>; readonly as: string; readonly to: State }
  /** `to` is where it goes on behind the rule. */
  | { readonly is: 'rule'; readonly rule: Rule; readonly precedence: number; readonly as: string; readonly to: State }
  /** Into what follows an operand; the node there takes in the one before it. */
  | { readonly is: 'suffix'; readonly precedence: number; readonly node: string; readonly to: State };

/** Where what comes next is looked at before going on: in front of a block, or behind one turn of a loop. */
export type Check = 'before' | 'again';

export interface State {
  readonly id: number;
  readonly rule: Rule;
  readonly ways: Way[];
  check: Check | undefined;
  /** How one of several ways is chosen. */
  choosing: Choosing | undefined;
  /** What the node of each way is called. */
  nodes: readonly string[] | undefined;
  /** Of the suffixes of an operand. */
  precedence: boolean;
}

export interface Rule {
  readonly name: RuleName;
  entry: State;
  end: State;
  /** What follows the rule wherever it is read. */
  readonly followers: State[];
}

let made: Rule | undefined;

/** The rule of the whole; made for the first text that has a mistake. */
export const network = (): Rule => (made ??= makeNetwork());

function makeNetwork(): Rule {
  let count = 0;
  const rules = new Map<RuleName, Rule>();
  const state = (rule: Rule, ways: Way[] = []): State => {
    count += 1;
    const none = { check: undefined, choosing: undefined, nodes: undefined, precedence: false };
    return { id: count, rule, ways, ...none };
  };
  const free = (to: State): Way => ({ is: 'free', to });

  const ruleOf = (name: RuleName): Rule => {
    const known = rules.get(name);
    if (known !== undefined) return known;
    const rule = { name, followers: [] } as unknown as Rule;
    rules.set(name, rule);
    rule.end = state(rule);
    rule.entry = sequence(GRAMMAR[name], rule, rule.end);
    return rule;
  };

  const sequence = (pieces: readonly Piece[], rule: Rule, end: State): State =>
    pieces.reduceRight((next, piece) => before(piece, rule, next), end);

  /** The state in front of the piece. */
  function before(piece: Piece, rule: Rule, next: State): State {
    switch (piece.is) {
      case 'word':
        return state(rule, [{ is: 'word', words: new Set(piece.words), as: piece.as, to: next }]);
      case 'rule': {
        const called = ruleOf(piece.rule);
        called.followers.push(next);
        return state(rule, [{ is: 'rule', rule: called, precedence: piece.precedence, as: piece.as, to: next }]);
      }
      case 'maybe': {
        const end = state(rule, [free(next)]);
        const start = state(rule, [free(sequence(piece.inside, rule, end)), free(end)]);
        return Object.assign(start, { check: 'before', choosing: 'next' });
      }
      case 'choice': {
        const { choosing, alternatives } = piece;
        const ways = alternatives.map(({ pieces }) => free(sequence(pieces, rule, next)));
        return Object.assign(state(rule, ways), {
          check: 'before',
          choosing,
          nodes: alternatives.map(({ node }) => node),
        });
      }
      case 'some': {
        const again = state(rule);
        const start = state(rule, [free(sequence(piece.inside, rule, again))]);
        again.ways.push(free(start), free(next));
        Object.assign(again, { check: 'again', choosing: piece.choosing });
        return Object.assign(start, { check: 'before' });
      }
      case 'many': {
        const { start, again } = loop(rule, next, piece.choosing);
        start.ways.unshift(free(sequence(piece.inside, rule, again)));
        return start;
      }
      case 'suffixes': {
        const { start, again } = loop(rule, next, 'ahead');
        const ways = piece.alternatives.map(({ precedence, node, pieces }): Way => ({
          is: 'suffix',
          precedence,
          node,
          to: sequence(pieces, rule, again),
        }));
        const inside = ways.map((way) => state(rule, [way]));
        const one = inside.length === 1 ? inside[0]! : state(rule, inside.map(free));
        if (inside.length > 1) Object.assign(one, { check: 'before', choosing: 'ahead' });
        start.ways.unshift(free(one));
        return Object.assign(start, { precedence: true });
      }
    }
  }

  /** `start` lacks its first way yet. */
  function loop(rule: Rule, next: State, choosing: Choosing): { readonly start: State; readonly again: State } {
    const start = Object.assign(state(rule, [free(next)]), { check: 'before' as const, choosing });
    return { start, again: Object.assign(state(rule, [free(start)]), { check: 'again' as const }) };
  }

  return ruleOf('start');
}

/** Which words may come at a state within its rule, and whether the rule may end there. */
export interface Next {
  readonly words: ReadonlySet<string>;
  readonly ends: boolean;
}

/** For one text. */
export class Looking {
  readonly #known = new Map<State, Next>();

  next(state: State): Next {
    const known = this.#known.get(state);
    if (known !== undefined) return known;
    const words = new Set<string>();
    let ends = false;
    const seen = new Set<State>();
    const look = (at: State): void => {
      if (seen.has(at)) return;
      seen.add(at);
      if (at === state.rule.end) ends = true;
      for (const way of at.ways) {
        if (way.is === 'word') for (const word of way.words) words.add(word);
        // No rule is empty, so what follows one is not next.
        else if (way.is === 'rule') for (const word of this.next(way.rule.entry).words) words.add(word);
        else look(way.to);
      }
    };
    look(state);
    const found = { words, ends };
    this.#known.set(state, found);
    return found;
  }

  /** Also behind the ends of the rules that are being read, innermost first; at the end of all comes the end. */
  within(state: State, followers: Iterable<State>): ReadonlySet<string> {
    let { words, ends } = this.next(state);
    if (!ends) return words;
    const all = new Set(words);
    for (const follower of followers) {
      ({ words, ends } = this.next(follower));
      for (const word of words) all.add(word);
      if (!ends) return all;
    }
    return all.add('<EOF>');
  }
}

/**
 * Reads a wrong text to its end and tells all that is wrong with its words, by ANTLR's rules: one word too many is
 * passed over, one that is missing is thought to be there, else words are passed over until one may follow a rule that
 * is open.
 */
import type { Issue } from '../error.ts';
import { LIMIT } from '../depth.ts';
import type { Token, Unknown } from '../lexer.ts';
import { WORDS, wordOf } from './grammar.ts';
import type { Check, Rule, State, Way } from './network.ts';
import { Looking, network } from './network.ts';
import type { Stack } from './predict.ts';
import { NoWay, Predictor } from './predict.ts';

/** What was read of a rule: its words and rules by name. */
export interface Node {
  /** Of the rule or the way chosen in it. */
  kind: string;
  readonly first: Token;
  readonly words: (readonly [as: string, word: Token])[];
  readonly nodes: (readonly [as: string, node: Node])[];
}

/** So many times it is tried to go on, and so many words are passed over at once. */
const ATTEMPTS = 30;
const PASSED_OVER = 256;
/** How many mistakes are told. */
const MOST = 100;

interface Frame {
  readonly rule: Rule;
  readonly precedence: number;
  /** Where its reading goes on outside, and under which name it is kept there. */
  readonly behind: State | undefined;
  readonly as: string;
  /** Where reading goes on behind all rules that are open. */
  readonly stack: Stack | undefined;
  node: Node;
}

/** A word that cannot be read where it stands. */
class Mismatch extends Error {
  readonly at: number;
  constructor({ at }: Token, message: string) {
    super(message);
    this.at = at;
  }
}
/** Reading ends here. */
class GivenUp extends Error {}

export class Reader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #words: readonly string[];
  /** What is no word is told when reading comes to its place. */
  readonly #unknown: readonly Unknown[];
  #told = 0;
  readonly #looking = new Looking();
  readonly #predictor = new Predictor();
  readonly #ahead = (words: number): string => this.#look(words);
  readonly #frames: Frame[] = [];
  readonly #depths = new Map<Rule, number>();
  readonly issues: Issue[] = [];

  #position = 0;
  #state!: State;
  /** Since the last mistake no word was read: others would only follow from it. */
  #recovering = false;
  #lastPosition = -1;
  readonly #lastStates = new Set<State>();
  #attempts = 0;

  constructor(source: string, tokens: readonly Token[], unknown: readonly Unknown[]) {
    this.#source = source;
    this.#tokens = tokens;
    this.#words = tokens.map(wordOf);
    this.#unknown = unknown;
  }

  /** What the text says as far as it can be told; undefined where reading was given up. */
  read(): Node | undefined {
    try {
      this.#look(0);
      return this.#run();
    } catch (error) {
      if (error instanceof GivenUp) return undefined;
      throw error;
    }
  }

  #run(): Node {
    let at = this.#enter(network(), 0, undefined, '');
    /** Behind one turn of a loop what comes next was looked at already. */
    let looked = false;
    for (;;) {
      if (!looked) this.#state = at;
      try {
        if (at === at.rule.end) {
          const { node, behind, as } = this.#leave();
          if (behind === undefined) return node;
          this.#frame.node.nodes.push([as, node]);
          at = behind;
          continue;
        }
        if (at.check !== undefined && !looked) this.#check(at.check);
        looked = at.check === 'again';
        const index = this.#choose(at);
        if (at.nodes !== undefined) this.#frame.node.kind = at.nodes[index]!;
        at = this.#go(at.ways[index]!);
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        this.#report(error.at, error.message);
        this.#recover();
        at = this.#frame.rule.end;
        looked = false;
      }
    }
  }

  get #frame(): Frame {
    return this.#frames.at(-1)!;
  }

  #enter(rule: Rule, precedence: number, behind: State | undefined, as: string): State {
    const depth = (this.#depths.get(rule) ?? 0) + 1;
    if (depth > LIMIT) this.#giveUp(`expression recursion limit exceeded: ${LIMIT}`);
    this.#depths.set(rule, depth);
    const node: Node = { kind: rule.name, first: this.#token, words: [], nodes: [] };
    const stack = behind && this.#predictor.push(behind, this.#frames.at(-1)?.stack);
    this.#frames.push({ rule, precedence, behind, as, stack, node });
    return rule.entry;
  }

  #leave(): Frame {
    const frame = this.#frames.pop()!;
    this.#depths.set(frame.rule, this.#depths.get(frame.rule)! - 1);
    return frame;
  }

  #giveUp(message: string): never {
    this.issues.push({ at: -1, message });
    throw new GivenUp();
  }

  #choose(state: State): number {
    if (state.ways.length === 1) return 0;
    if (state.choosing === 'next') {
      const found = state.ways.findIndex(({ to }) => this.#looking.next(to).words.has(this.#word));
      if (state.nodes === undefined) return found === 0 ? 0 : 1;
      if (found >= 0) return found;
      throw this.#noWay(0);
    }
    try {
      const { precedence, stack } = this.#frame;
      return this.#predictor.predict(state, precedence, stack, this.#ahead);
    } catch (error) {
      if (error instanceof NoWay) throw this.#noWay(error.at);
      throw error;
    }
  }

  #noWay(ahead: number): Mismatch {
    const first = this.#token;
    const last = this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)]!;
    const end = last.kind === 'end' ? this.#source.length : last.at + last.text.length;
    const input = first.kind === 'end' ? '<EOF>' : this.#text(first.at, end);
    const message = `no viable alternative at input ${quoted(input)}`;
    return new Mismatch(
      last,
      message.replace(
        /no viable alternative at input '.(true|false|null)'/,
        "mismatched input '$1' expecting IDENTIFIER",
      ),
    );
  }

  /** Without what is no word. */
  #text(from: number, to: number): string {
    let at = from;
    let text = '';
    for (const { at: start, end } of this.#unknown) {
      if (start < from || start >= to) continue;
      text += this.#source.slice(at, start);
      at = end;
    }
    return text + this.#source.slice(at, to);
  }

  #go(way: Way): State {
    if (way.is === 'rule') return this.#enter(way.rule, way.precedence, way.to, way.as);
    if (way.is === 'word') {
      const token = way.words.has(this.#word) ? this.#match() : this.#recoverInline(way);
      if (way.as !== '') this.#frame.node.words.push([way.as, token]);
    } else if (way.is === 'suffix') {
      const inside = this.#frame.node;
      this.#frame.node = {
        kind: way.node,
        first: inside.first,
        words: [],
        nodes: [['inside', inside]],
      };
    }
    return way.to;
  }

  get #token(): Token {
    return this.#tokens[this.#position]!;
  }
  get #word(): string {
    return this.#look(0);
  }

  #look(ahead: number): string {
    const index = Math.min(this.#position + ahead, this.#tokens.length - 1);
    const { at } = this.#tokens[index]!;
    for (
      let issue = this.#unknown[this.#told];
      issue !== undefined && issue.at < at;
      issue = this.#unknown[this.#told]
    ) {
      this.#told += 1;
      this.#tell(issue);
    }
    return this.#words[index]!;
  }

  #tell(issue: Issue): void {
    this.issues.push(issue);
    if (this.issues.length > MOST) throw new GivenUp();
  }

  #consume(): void {
    if (this.#token.kind === 'end') return;
    this.#position += 1;
    this.#look(0);
  }

  #match(): Token {
    this.#matched();
    const token = this.#token;
    this.#consume();
    return token;
  }

  #matched(): void {
    this.#recovering = false;
    this.#lastPosition = -1;
    this.#lastStates.clear();
  }

  #report(at: number, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#tell({ at, message: `Syntax error: ${message}` });
  }

  /** In front of a block a word too many is passed over; behind a turn of a loop all that cannot follow. */
  #check(check: Check): void {
    if (this.#recovering) return;
    const { words, ends } = this.#looking.next(this.#state);
    if (ends || words.has(this.#word)) return;
    if (check === 'before') {
      if (!this.#passOver()) throw this.#mismatch();
      return;
    }
    this.#report(this.#token.at, `extraneous input ${this.#shown()} expecting ${this.#expected()}`);
    this.#consumeUntil(new Set([...this.#expecting(), ...this.#recoverySet()]), () => undefined);
  }

  #expecting(): ReadonlySet<string> {
    return this.#looking.within(this.#state, this.#followers());
  }

  /** Innermost first. */
  *#followers(): Generator<State> {
    for (let { stack } = this.#frame; stack !== undefined; stack = stack.below) yield stack.to;
  }

  #expected(): string {
    const expecting = this.#expecting();
    const names = WORDS.filter((word) => expecting.has(word));
    return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
  }

  #shown(): string {
    return quoted(this.#token.text);
  }

  #mismatch(): Mismatch {
    return new Mismatch(this.#token, `mismatched input ${this.#shown()} expecting ${this.#expected()}`);
  }

  /** Where the word behind the next is the right one. */
  #passOver(): boolean {
    if (!this.#expecting().has(this.#look(1))) return false;
    this.#report(this.#token.at, `extraneous input ${this.#shown()} expecting ${this.#expected()}`);
    this.#consume();
    this.#matched();
    return true;
  }

  #recoverInline({ to }: Way): Token {
    this.#attempt();
    if (this.#passOver()) {
      const token = this.#token;
      this.#consume();
      return token;
    }
    if (this.#looking.within(to, this.#followers()).has(this.#word)) {
      this.#report(this.#token.at, `missing ${this.#expected()} at ${this.#shown()}`);
      return { kind: 'name', text: '<missing undefined>', at: this.#missingAt() };
    }
    throw this.#mismatch();
  }

  /** A word that is thought to be there stands where the next one does, or the last one before the end. */
  #missingAt(): number {
    const before = this.#tokens[this.#position - 1];
    return this.#token.kind === 'end' && before !== undefined ? before.at : this.#token.at;
  }

  #attempt(): void {
    this.#attempts += 1;
    if (this.#attempts <= ATTEMPTS) return;
    this.#tell({ at: this.#token.at, message: `Syntax error: error recovery attempt limit exceeded: ${ATTEMPTS}` });
    throw new GivenUp();
  }

  #recover(): void {
    this.#attempt();
    let passed = 0;
    const count = (): void => {
      passed += 1;
      if (passed > PASSED_OVER) this.#giveUp(`error recovery token lookahead limit exceeded: ${PASSED_OVER}`);
    };
    if (this.#lastPosition === this.#position && this.#lastStates.has(this.#state)) {
      // The word stopped reading here before; it is passed over, or this would not end.
      count();
      this.#consume();
    }
    this.#lastPosition = this.#position;
    this.#lastStates.add(this.#state);
    this.#consumeUntil(this.#recoverySet(), count);
  }

  /** What may follow any of the rules that are open. */
  #recoverySet(): ReadonlySet<string> {
    return new Set([...this.#followers()].flatMap((state) => [...this.#looking.next(state).words]));
  }

  #consumeUntil(words: ReadonlySet<string>, each: () => void): void {
    while (this.#word !== '<EOF>' && !words.has(this.#word)) {
      each();
      this.#consume();
    }
  }
}

const quoted = (text: string): string =>
  `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;

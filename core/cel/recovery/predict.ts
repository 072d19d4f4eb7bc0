/**
 * Which of several ways the words ahead can go: ANTLR's adaptive LL(*), first without regard to where the rule is read
 * from, then, where that does not tell, with it. It matters for texts that go none of them: at which word that is
 * noticed.
 */
import type { State } from './network.ts';

/** Where to go on behind the rules that are open, innermost first; undefined is the outermost, or anywhere. */
export interface Stack {
  readonly id: number;
  readonly to: State;
  readonly below: Stack | undefined;
  readonly above: Map<State, Stack>;
}

interface Place {
  readonly state: State;
  readonly way: number;
  readonly stack: Stack | undefined;
  /** Came out of the rule in which the question is asked. */
  readonly left: boolean;
}

/** What is known after some words; remembered for the text. */
interface Known {
  readonly places: readonly Place[];
  /** With regard to where the rule is read from. */
  readonly whole: boolean;
  readonly after: Map<string, Known | undefined>;
  /** The way, where it is told; 'asks' where it hangs on where the rule is read from. */
  readonly told: number | 'asks' | undefined;
}

/** No way goes on; `at` words after the first. */
export class NoWay extends Error {
  readonly at: number;
  constructor(at: number) {
    super();
    this.at = at;
  }
}

export class Predictor {
  readonly #starts = new Map<number, Known>();
  readonly #known = new Map<string, Known>();
  readonly #outermost = new Map<State, Stack>();
  #stacks = 0;

  push(to: State, below: Stack | undefined): Stack {
    const above = below?.above ?? this.#outermost;
    const known = above.get(to);
    if (known !== undefined) return known;
    this.#stacks += 1;
    const stack = { id: this.#stacks, to, below, above: new Map<State, Stack>() };
    above.set(to, stack);
    return stack;
  }

  /** The index of the way; `word` is the kind of the word so far ahead. Throws NoWay. */
  predict(state: State, precedence: number, stack: Stack | undefined, word: (ahead: number) => string): number {
    let known = this.#start(state, precedence, undefined, false);
    for (let ahead = 0; ; ahead += 1) {
      const next = this.#after(known, word(ahead));
      if (next === undefined) return finished(known.places) ?? fail(known.whole ? 0 : ahead);
      if (next.told === 'asks') {
        known = this.#start(state, precedence, stack, true);
        ahead = -1;
      } else if (next.told === undefined) known = next;
      else return next.told;
    }
  }

  #start(state: State, precedence: number, stack: Stack | undefined, whole: boolean): Known {
    const from = whole ? 1 + (stack?.id ?? 0) : 0;
    const key = (from * 1000 + state.id) * 10 + precedence;
    let known = this.#starts.get(key);
    if (known !== undefined) return known;
    let places = this.#first(state, precedence, stack, whole);
    if (state.precedence && !whole) {
      const own = new Set(places.filter(({ way }) => way === 0).map(keyOf));
      // What can be read here is not left to the same rule further out.
      places = places.filter((place) => place.way === 0 || !own.has(keyOf(place)));
    }
    known = { places, whole, after: new Map(), told: undefined };
    this.#starts.set(key, known);
    return known;
  }

  #after(known: Known, word: string): Known | undefined {
    if (!known.after.has(word)) {
      const places = this.#reach(known.places, word, known.whole);
      known.after.set(word, places && this.#knowing(places, known.whole));
    }
    return known.after.get(word);
  }

  /** One for the same places, so that a row of words of any length comes to the same few. */
  #knowing(places: readonly Place[], whole: boolean): Known {
    const key = `${whole} ${places.map((place) => `${place.way} ${keyOf(place)} ${place.left}`).join()}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const told = onlyWay(places) ?? (whole ? agreed(places) : conflict(places));
      this.#known.set(key, (known = { places, whole, after: new Map(), told }));
    }
    return known;
  }

  #first(state: State, precedence: number, stack: Stack | undefined, whole: boolean): readonly Place[] {
    const into = new Places();
    state.ways.forEach((way, index) => {
      this.#spread({ state: way.to, way: index, stack, left: false }, into, { whole, precedence });
    });
    return into.all;
  }

  /** Where the word leads; undefined: nowhere. */
  #reach(from: readonly Place[], word: string, whole: boolean): readonly Place[] | undefined {
    const ending = word === '<EOF>';
    const ended = from.filter(({ state }) => (whole || ending) && isEnd(state));
    const over = from.flatMap((place) =>
      place.state.ways
        .filter((way) => way.is === 'word' && way.words.has(word))
        .map((way) => ({ ...place, state: way.to })),
    );
    let reached: readonly Place[] = over;
    if (ended.length > 0 || ending || onlyWay(over) === undefined) {
      const into = new Places();
      for (const place of over) this.#spread(place, into, { whole });
      reached = ending ? into.all.filter(({ state }) => isEnd(state)) : into.all;
    }
    if (!whole || !reached.some(({ state }) => isEnd(state))) reached = [...reached, ...ended];
    return reached.length === 0 ? undefined : reached;
  }

  /** Along all ways that take no word. With a precedence, suffixes of the rule in question are looked at for theirs. */
  #spread(from: Place, into: Places, { whole, precedence }: { whole: boolean; precedence?: number }): void {
    const seen = new Set<number>();
    const waiting: [Place, number][] = [[from, 0]];
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      const [place, depth] = item;
      const key = keyOf(place);
      if (seen.has(key)) continue;
      seen.add(key);
      const { state, stack } = place;
      if (state === state.rule.end) {
        if (stack !== undefined) waiting.push([{ ...place, state: stack.to, stack: stack.below }, depth]);
        else if (whole || isEnd(state)) into.add(place);
        else for (const to of state.rule.followers) waiting.push([{ ...place, state: to, left: true }, depth - 1]);
        continue;
      }
      // From inside of the same rule it comes to the same as from outside.
      const again = state.precedence && stack?.to.rule === state.rule;
      for (const way of again ? state.ways.slice(1) : state.ways) {
        if (way.is === 'word') into.add(place);
        else if (way.is === 'rule') {
          const inside = { ...place, state: way.rule.entry, stack: this.push(way.to, stack) };
          waiting.push([inside, depth < 0 ? depth : depth + 1]);
        } else if (way.is !== 'suffix' || precedence === undefined || depth !== 0 || way.precedence >= precedence) {
          waiting.push([{ ...place, state: way.to }, depth]);
        }
      }
    }
  }
}

/** Of the whole. */
const isEnd = (state: State): boolean => state === state.rule.end && state.rule.followers.length === 0;
/** There are less than a thousand states. */
const keyOf = ({ state, stack }: Place): number => (stack?.id ?? 0) * 1000 + state.id;

function fail(at: number): never {
  throw new NoWay(at);
}

class Places {
  readonly #all = new Map<number, Place>();
  add(place: Place): void {
    // And no more than ten ways.
    const key = keyOf(place) * 10 + place.way;
    const known = this.#all.get(key);
    if (known === undefined || (place.left && !known.left)) this.#all.set(key, place);
  }
  get all(): readonly Place[] {
    return [...this.#all.values()];
  }
}

/** The first way that came to the end of the rule. */
function finished(places: readonly Place[]): number | undefined {
  const ways = places.filter(({ left, state }) => left || isEnd(state)).map(({ way }) => way);
  return ways.length === 0 ? undefined : Math.min(...ways);
}

function onlyWay(places: readonly Place[]): number | undefined {
  const way = places[0]?.way;
  return places.every((place) => place.way === way) ? way : undefined;
}

/** By state and where it is read from: the ways that come there. */
function meetings(places: readonly Place[], whole: boolean): { readonly state: State; readonly ways: number[] }[] {
  const stacks = new Map<State, Map<number, (Stack | undefined)[]>>();
  for (const { state, way, stack } of places) {
    const ways = stacks.get(state) ?? new Map<number, (Stack | undefined)[]>();
    stacks.set(state, ways.set(way, [...(ways.get(way) ?? []), stack]));
  }
  return [...stacks].flatMap(([state, ways]) => {
    const same = new Map<string, number[]>();
    for (const [way, all] of ways) {
      const key = stackKey(whole ? all : general(all));
      same.set(key, [...(same.get(key) ?? []), way]);
    }
    return [...same.values()].map((met) => ({ state, ways: met }));
  });
}

const stackKey = (stacks: readonly (Stack | undefined)[]): string =>
  stacks
    .map((stack) => stack?.id ?? 0)
    .sort((a, b) => a - b)
    .join(' ');

/** A stack that says less of where it goes on stands for those that say more. */
function general(stacks: readonly (Stack | undefined)[]): readonly (Stack | undefined)[] {
  const covers = (less: Stack | undefined, more: Stack | undefined): boolean =>
    less === undefined || (more !== undefined && less.to === more.to && covers(less.below, more.below));
  return stacks.filter((stack) => !stacks.some((other) => other !== stack && covers(other, stack)));
}

/** No more words will tell several ways apart, as far as can be seen without the stack. */
function conflict(places: readonly Place[]): 'asks' | undefined {
  if (places.every(({ state }) => isEnd(state))) return 'asks';
  const met = meetings(places, false);
  const alone = met.some(
    ({ state, ways }) => ways.length === 1 && met.every((o) => o.state !== state || o.ways === ways),
  );
  return met.some(({ ways }) => ways.length > 1) && !alone ? 'asks' : undefined;
}

/** The one way that is first wherever several meet. */
function agreed(places: readonly Place[]): number | undefined {
  const first = new Set(meetings(places, true).map(({ ways }) => Math.min(...ways)));
  return first.size === 1 ? [...first][0] : undefined;
}

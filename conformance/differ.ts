/** Where two servers' answers to the same case differ. */
import type { Exchange, Json } from './canonical.ts';

export interface Difference {
  /** Index of the step. */
  readonly step: number;
  readonly request: string;
  readonly kind: 'status' | 'header' | 'missing' | 'extra' | 'type' | 'value' | 'text' | 'order' | 'id' | 'length';
  /** '.data.keys[0]', 'status', 'header Allow'. */
  readonly at: string;
  readonly expected: string;
  readonly actual: string;
}

/** What is left of a lifetime depends on how fast the machine is: seconds, beside the time that the case has taken. */
const LIFETIME = /(?:^|_)(?:ttl|lease_duration|lease)$/;
const SLACK = 5;
/** So does what is left of an interval's requests. */
const COUNTED = new Set(['X-Ratelimit-Remaining', 'X-Ratelimit-Reset']);

/** Of several mistakes a Go map decides which is told: it may be that of another field (in the brackets) on either side. */
const EITHER: readonly RegExp[] = [
  /error validating templated (\w+); invalid URI: [^\n]*/,
  /error converting input for field "(\w+)": [^]*/,
];

/** All differences, in order. The same id on one side must be the same id on the other throughout. */
export function compareExchanges(expected: readonly Exchange[], actual: readonly Exchange[]): Difference[] {
  const differ = new Differ();
  for (const [index, one] of expected.entries()) {
    const other = actual[index];
    if (other !== undefined) differ.exchange(index, one, other);
    else differ.gone(index, one);
  }
  return differ.found;
}

class Differ {
  readonly found: Difference[] = [];
  readonly #there = new Map<string, string>();
  readonly #back = new Map<string, string>();
  #step = 0;
  #request = '';
  #slack = SLACK;

  gone(index: number, expected: Exchange): void {
    this.#step = index;
    this.#request = expected.request;
    this.#add('status', 'status', String(expected.status), 'no answer');
  }

  exchange(index: number, expected: Exchange, actual: Exchange): void {
    this.#step = index;
    this.#request = expected.request;
    this.#slack = SLACK + Math.max(expected.played ?? 0, actual.played ?? 0);
    if (expected.status !== actual.status)
      this.#add('status', 'status', String(expected.status), String(actual.status));
    this.#headers(expected.headers, actual.headers);
    if (expected.body === undefined || actual.body === undefined) {
      if (expected.body !== actual.body)
        this.#add(expected.body === undefined ? 'extra' : 'missing', 'body', show(expected.body), show(actual.body));
      return;
    }
    this.#value('', '', expected.body, actual.body);
    if (expected.unended !== actual.unended) this.#add('text', 'end of body', newline(expected), newline(actual));
  }

  #headers(expected: readonly string[], actual: readonly string[]): void {
    const [ours, theirs] = [byName(actual), byName(expected)];
    for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
      const [one, other] = [theirs.get(name), ours.get(name)];
      if (COUNTED.has(name) && one !== undefined && other !== undefined) continue;
      if (name === 'Retry-After' && Math.abs(Number(one) - Number(other)) <= this.#slack) continue;
      if (one === undefined || other === undefined || !this.#sameText(one, other))
        this.#add('header', `header ${name}`, one ?? 'absent', other ?? 'absent');
    }
  }

  #value(at: string, key: string, expected: Json, actual: Json): void {
    const [kind, other] = [kindOf(expected), kindOf(actual)];
    if (kind !== other) return this.#add('type', at || 'body', show(expected), show(actual));
    if (kind === 'list') this.#list(at, key, expected as readonly Json[], actual as readonly Json[]);
    else if (kind === 'object')
      this.#object(at, expected as { readonly [key: string]: Json }, actual as { readonly [key: string]: Json });
    else if (kind === 'string') this.#text(at, expected as string, actual as string);
    else if (
      kind === 'number' &&
      LIFETIME.test(key) &&
      Math.abs((expected as number) - (actual as number)) <= this.#slack
    )
      return;
    else if (expected !== actual) this.#add('value', at || 'body', show(expected), show(actual));
  }

  #list(at: string, key: string, expected: readonly Json[], actual: readonly Json[]): void {
    if (expected.length !== actual.length) return this.#length(at || 'body', expected, actual);
    for (const [index, item] of expected.entries()) this.#value(`${at}[${index}]`, key, item, actual[index]!);
  }

  /** What only one of two lists has; both in full when they are short. */
  #length(at: string, expected: readonly Json[], actual: readonly Json[]): void {
    const [one, other] = [expected.map(show), actual.map(show)];
    if (expected.length + actual.length < 4) return this.#add('length', at, show(expected), show(actual));
    const without = (from: readonly string[], these: readonly string[]): string => {
      const left = from.filter((item) => !these.includes(item));
      return `${from.length} items${left.length === 0 || left.length === from.length ? '' : `, among them ${left.join(', ')}`}`;
    };
    this.#add('length', at, without(one, other), without(other, one));
  }

  #object(at: string, expected: { readonly [key: string]: Json }, actual: { readonly [key: string]: Json }): void {
    // An error beside a success is one difference, not one a key.
    if (at === '' && Object.hasOwn(expected, 'errors') !== Object.hasOwn(actual, 'errors'))
      return this.#add('type', 'body', show(expected), show(actual));
    const [keys, others] = [Object.keys(expected), Object.keys(actual)];
    let same = keys.length === others.length;
    for (const key of keys) {
      const found = Object.hasOwn(actual, key) ? key : this.#there.get(key);
      if (found !== undefined && Object.hasOwn(actual, found))
        this.#value(`${at}.${key}`, key, expected[key]!, actual[found]!);
      else {
        same = false;
        this.#add('missing', `${at}.${key}`, show(expected[key]), 'absent');
      }
    }
    for (const key of others) {
      if (Object.hasOwn(expected, key) || Object.hasOwn(expected, this.#back.get(key) ?? '')) continue;
      same = false;
      this.#add('extra', `${at}.${key}`, 'absent', show(actual[key]));
    }
    if (same && keys.some((key, index) => key !== others[index] && this.#there.get(key) !== others[index]))
      this.#add('order', at || 'body', keys.join(', '), others.join(', '));
  }

  #text(at: string, expected: string, actual: string): void {
    if (this.#sameText(expected, actual)) return;
    const onlyIds = expected.replace(NAMES, '<$1>') === actual.replace(NAMES, '<$1>');
    this.#add(onlyIds ? 'id' : 'text', at || 'body', expected, actual);
  }

  /** Equal but for names, which must pair off one to one. */
  #sameText(one: string, other: string): boolean {
    const [expected, actual] = withoutChoice(one, other);
    if (expected.replace(NAMES, '<$1>') !== actual.replace(NAMES, '<$1>')) return false;
    const [ours, theirs] = [actual.match(NAMES) ?? [], expected.match(NAMES) ?? []];
    return theirs.every((name, index) => this.#pair(name, ours[index]!));
  }

  #pair(expected: string, actual: string): boolean {
    const known = this.#there.get(expected);
    const back = this.#back.get(actual);
    if (known === actual && back === expected) return true;
    // After a mismatch the new pair counts, so that one wrong id is told once.
    this.#there.set(expected, actual);
    this.#back.set(actual, expected);
    return known === undefined && back === undefined;
  }

  #add(kind: Difference['kind'], at: string, expected: string, actual: string): void {
    this.found.push({ step: this.#step, request: this.#request, kind, at, expected, actual });
  }
}

function withoutChoice(one: string, other: string): readonly [string, string] {
  const choice = EITHER.find((told) => {
    const [field, another] = [told.exec(one)?.[1], told.exec(other)?.[1]];
    return field !== undefined && another !== undefined && field !== another;
  });
  return choice === undefined ? [one, other] : [one.replace(choice, ''), other.replace(choice, '')];
}

const newline = ({ unended }: Exchange): string => (unended ? 'no newline' : 'a newline');

const NAMES = /<([a-z0-9 ]+)-\d+>/g;

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

const show = (value: Json | undefined): string => {
  const text = value === undefined ? 'empty' : JSON.stringify(value);
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
};

function byName(lines: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    map.set(name, map.has(name) ? `${map.get(name)}\n${line.slice(colon + 2)}` : line.slice(colon + 2));
  }
  return map;
}

/** Requests that are nearly right: those of the cases, bent in one place or two, as a seed decides. */
import type { Step } from '../case.ts';
import { crashes, fieldsOf } from '../fields.ts';
import { BODIES, HEADERS, isDialled, METHODS, PLACES, QUERIES, SEGMENTS, STRANGERS, VALUES } from './oddities.ts';

/** A number from 0 to 1, and what follows from it. */
export type Dice = () => number;

const pick = <T>(dice: Dice, from: readonly T[]): T => from[Math.floor(dice() * from.length)]!;

/** A value written as something else: a number as text, a list as text and back, and so on. */
function otherwise(value: unknown): readonly (readonly [how: string, text: string])[] {
  const text = JSON.stringify(value);
  const always = [
    ['in a list', `[${text}]`],
    ['in a map', `{"a":${text}}`],
    ['as text of JSON', JSON.stringify(text)],
  ] as const;
  if (typeof value === 'string')
    return [
      ...always,
      ['in upper case', JSON.stringify(value.toUpperCase())],
      ['with spaces', JSON.stringify(` ${value} `)],
      ['with a slash', JSON.stringify(`${value}/`)],
      ['twice in a list', `[${text},${text}]`],
      ['with a comma', JSON.stringify(`${value},`)],
      ...(/^\d+$/.test(value) ? ([['as a number', String(Number(value))]] as const) : []),
    ];
  // What is too large for a number here cannot be written either.
  if (typeof value === 'number' && Number.isFinite(value))
    return [
      ...always,
      ['negative', String(-value)],
      ['float', String(value + 0.5)],
      ['exponent', `${Math.trunc(value)}e0`],
      ['point', `${Math.trunc(value)}.0`],
    ];
  if (Array.isArray(value))
    return [
      ...always,
      ['joined', JSON.stringify(value.map(String).join(','))],
      ['with null', JSON.stringify([...(value as unknown[]), null])],
      ['with an empty one', JSON.stringify([...(value as unknown[]), ''])],
      ['with a number', JSON.stringify([...(value as unknown[]), 1])],
      ['twice', JSON.stringify([...(value as unknown[]), ...(value as unknown[])])],
      ['only the first', JSON.stringify(value[0]) ?? 'null'],
    ];
  if (typeof value === 'object' && value !== null)
    return [
      ...always,
      ['as pairs', JSON.stringify(Object.entries(value).map(([key, item]) => `${key}=${String(item)}`))],
    ];
  return always;
}

/** A bent request, and in a word or two how. */
type Bend = (one: Step, dice: Dice) => readonly [Step, how: string] | undefined;

/** Where the members and items of a value are, those within them too. */
const placesIn = (value: unknown): (readonly string[])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, item]) => [[key], ...placesIn(item).map((place) => [key, ...place])]);

const valueAt = (value: unknown, place: readonly string[]): unknown =>
  place.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);

/** Stands for what is no value of JavaScript's until all is text. */
const MARK = '\u0001';

/** The value's text with another text, which need be no JSON, at this place. */
function withTextAt(value: unknown, [key, ...rest]: readonly string[], text: string): string {
  const put = (whole: unknown, [first, ...inner]: readonly string[]): unknown => {
    if (first === undefined) return MARK;
    if (Array.isArray(whole)) return whole.with(Number(first), put(whole[Number(first)], inner));
    return { ...(whole as object), [first]: put((whole as Record<string, unknown>)[first], inner) };
  };
  return JSON.stringify(put(value, [key!, ...rest])).replace(JSON.stringify(MARK), () => text);
}

const field: Bend = (one, dice) => {
  const fields = fieldsOf(one.body);
  const places = placesIn(fields);
  if (places.length === 0) return undefined;
  const place = pick(dice, dice() < 0.5 ? places.filter(({ length }) => length === 1) : places);
  const where = place.length === 1 ? 'field' : 'inner field';
  const dialled = place.some(isDialled);
  const value = pick(dice, dialled ? PLACES : VALUES);
  const [how, text] =
    dice() < 0.5 && !dialled ? pick(dice, otherwise(valueAt(fields, place))) : [value.slice(0, 30), value];
  if (place.some((name) => crashes(name, JSON.parse(text)))) return undefined;
  return [{ ...one, body: withTextAt(fields, place, text) }, `${where} ${how}`];
};

const fieldGone: Bend = (one, dice) => {
  const fields = fieldsOf(one.body) ?? {};
  const names = Object.keys(fields);
  if (names.length === 0) return undefined;
  const { [pick(dice, names)]: _, ...rest } = fields;
  return [{ ...one, body: JSON.stringify(rest) }, 'field left out'];
};

/** One that is there already in capitals, or twice; or one that may mean something or nothing. */
const stranger: Bend = (one, dice) => {
  const fields = fieldsOf(one.body);
  if (fields === undefined) return undefined;
  const names = Object.keys(fields);
  const [name, how] =
    names.length > 0 && dice() < 0.5
      ? pick(dice, [
          [pick(dice, names), 'field twice'],
          [pick(dice, names).toUpperCase(), 'field in capitals'],
        ] as const)
      : ([pick(dice, STRANGERS), 'another field'] as const);
  const text = pick(dice, isDialled(name) ? PLACES : VALUES);
  if (crashes(name.toLowerCase(), JSON.parse(text))) return undefined;
  const added = `${JSON.stringify(name)}:${text}`;
  const old = JSON.stringify(fields).slice(1, -1);
  const members = old === '' ? [added] : dice() < 0.5 ? [old, added] : [added, old];
  return [{ ...one, body: `{${members.join(',')}}` }, how];
};

const body: Bend = (one, dice) => {
  const text = one.body ?? '{}';
  const bent = pick(dice, [...BODIES, `[${text}]`, `${text}x`, `${text}${text}`, ` ${text} `, text.slice(0, -1)]);
  return [{ ...one, body: bent }, `body ${BODIES.includes(bent) ? bent : 'around it'}`];
};

const method: Bend = (one, dice) => {
  const bent = pick(dice, METHODS);
  return bent === one.method ? undefined : [{ ...one, method: bent }, `method ${bent} for ${one.method}`];
};

/** What comes before the query, as it is sent, and the query. */
function cut(path: string): readonly [string, query: string | undefined] {
  const [plain = '', ...query] = (path.startsWith('/') ? path : `/v1/${path}`).split('?');
  return [plain, query.length === 0 ? undefined : query.join('?')];
}

const joined = (plain: string, query: string | undefined): string => {
  const path = plain.replace(/^\/v1\/(?=[^/])/, '');
  return query === undefined ? path : `${path}?${query}`;
};

const segment: Bend = (one, dice) => {
  const [path, query] = cut(one.path);
  const parts = path.split('/');
  const at = Math.min(parts.length - 1, 2 + Math.floor(dice() * Math.max(1, parts.length - 2)));
  const other = pick(dice, SEGMENTS);
  const part = parts[at]!;
  const [how, now] = pick(dice, [
    ['left out', []],
    ['put before', [other, part]],
    ['put in its place', [other]],
    ['put behind', [part, other]],
    ['in capitals', [part.startsWith('$') ? part : part.toUpperCase()]],
    ['in percents', [part.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)]],
    ['with a slash behind', at === parts.length - 1 ? [part, ''] : [part, '', '']],
    ['with something behind', [part + other]],
  ] as const);
  const bent = [...parts.slice(0, at), ...now, ...parts.slice(at + 1)].join('/');
  const what = /put|something/.test(how) ? ` ${other.slice(0, 10)}` : '';
  return [{ ...one, path: joined(bent, query) }, `segment${what} ${how}`];
};

const prefix: Bend = (one, dice) => {
  const [path, query] = cut(one.path);
  const before = pick(dice, ['//v1/', '/v1//', '/V1/', '/v1/./', '/v1/../v1/', '/v2/', '/', '/%761/', '/v1/v1/']);
  return [{ ...one, path: joined(path.replace(/^\/v1\//, before), query) }, `prefix ${before}`];
};

const query: Bend = (one, dice) => {
  const [path, old] = cut(one.path);
  const added = pick(dice, QUERIES);
  const pairs = [...(old === undefined ? [] : [old]), added];
  return [{ ...one, path: joined(path, (dice() < 0.5 ? pairs : pairs.reverse()).join('&')) }, `query ${added}`];
};

/** The body's fields as a query has them; none where something was captured earlier, which nobody escapes. */
const asPairs = (one: Step): string =>
  one.body?.includes('$') === true
    ? ''
    : Object.entries(fieldsOf(one.body) ?? {})
        .map(([name, value]) => `${name}=${encodeURIComponent(String(value).replace(LONE, ''))}`)
        .join('&');

/** Half a character. */
const LONE = /\p{Surrogate}/gu;

/** A body's fields in the query, or the other way round. */
const moved: Bend = (one) => {
  const [path, old] = cut(one.path);
  if (old !== undefined) {
    const fields = Object.fromEntries(new URLSearchParams(old));
    return [{ ...one, path: joined(path, undefined), body: JSON.stringify(fields) }, 'query as body'];
  }
  const pairs = asPairs(one);
  return pairs === '' ? undefined : [{ ...one, path: joined(path, pairs), body: undefined }, 'body as query'];
};

const form: Bend = (one) => {
  const pairs = asPairs(one);
  const headers = [...one.headers, ['Content-Type', 'application/x-www-form-urlencoded'] as const];
  return pairs === '' ? undefined : [{ ...one, body: pairs, headers }, 'body as a form'];
};

const header: Bend = (one, dice) => {
  const name = pick(dice, Object.keys(HEADERS));
  const value = pick(dice, HEADERS[name]!);
  const headers = [
    ...one.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase()),
    [name, value] as const,
  ];
  // The token that is there otherwise would be sent beside it.
  const as = name === 'X-Vault-Token' || name === 'Authorization' ? { as: 'none' } : {};
  return [{ ...one, headers, ...as }, `header ${name}: ${value.slice(0, 40)}`];
};

const again: Bend = (one) => [one, 'again'];

const OF_BODY: readonly Bend[] = [field, field, field, field, fieldGone, stranger, stranger, body, moved, form];
const OF_ALL: readonly Bend[] = [
  method,
  method,
  segment,
  segment,
  segment,
  prefix,
  query,
  query,
  header,
  header,
  header,
  again,
];

/** What ends the server, its devices or its storage, or takes minutes: not for a fuzz in passing. */
const LEFT_OUT =
  /^\/?(?:v1\/)?(sys\/(seal|step-down|unseal|init|raw|storage|audit|quotas|pprof|monitor|config\/reload|in-flight-req|metrics)|[^?]*\/(seal|unseal))(\/|\?|$)/i;

/** What a path cannot be sent with. */
const UNSENT = /[^\u0021-\u00ff]/;

/** The request bent in one place, now and then two. Undefined: what came out is left out. */
export function bent(one: Step, dice: Dice): readonly [Step, how: string] | undefined {
  const { until: _, wait: __, ...rest } = one;
  let step: Step = { ...rest, captures: [] };
  const hows: string[] = [];
  const times = dice() < 0.8 ? 1 : 2;
  while (hows.length < times) {
    const bodied = one.body !== undefined && !one.bytes;
    const found = pick(dice, bodied && dice() < 0.5 ? OF_BODY : OF_ALL)(step, dice);
    if (found === undefined) continue;
    step = found[0];
    hows.push(found[1]);
  }
  return LEFT_OUT.test(step.path) || UNSENT.test(step.path) ? undefined : [step, hows.join(' + ')];
}

/**
 * Cases made from those written by hand: where one asks an operation with success, the same request is sent again with
 * each documented field in turn right, of a wrong type, empty and extreme, and what it left is read back.
 */
import type { Case, Step } from './case.ts';
import { step } from './case.ts';
import type { Operation } from './operations.ts';
import { Finder } from './operations.ts';
import { loadRecording } from './recording.ts';
import { BACKGROUND, ENDING, LASTING } from './probes.ts';

/** Of which neither base64 nor hexadecimal is anything. */
const LONG = 'long-'.repeat(200);
/** Beyond 32 and 53 bits, where Go and JavaScript count differently. */
const LARGE = [2_147_483_648, 9_007_199_254_740_992, 9_000_000_000_000_000_000] as const;

/** By OpenAPI type: what a client may take for a value; the last one is harmless for what comes after it. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  string: ['x', ' x ', LONG, 'ü😀', 7_200, 1.5, true, null, [], ['a'], {}, { a: 1 }, ''],
  integer: [-1, '7200', '1h', '-1h', '1x', '', 1.5, ...LARGE, true, null, [], {}, 3600, 0],
  number: [-1, 2.5, '7200', '', 'x', LARGE[1], true, null, [], 0],
  boolean: [true, 'true', 'f', 'perhaps', '', 0, 2, null, [], {}, false],
  array: [['a'], 'a,b', '', [1], [''], ['a', 'a'], [null], [{}], 7, true, null, {}, []],
  object: [{ a: 'b' }, { a: 1 }, { a: null }, { a: ['b'] }, '', 'a=b', '{"a":"b"}', [], ['a=b'], 7, null, {}],
};

/** In a query string everything is text. */
const QUERIED = ['', 'x', '0', '-1', '1', 'true', 'false', '9223372036854775808'] as const;

/** Break the connection of the real server when they are no texts. */
const CRASHES: ReadonlySet<string> = new Set(['connection_url', 'token_type']);
/** Sizes that the real server makes until its memory is gone, and ours refuses. */
const SIZES: ReadonlySet<string> = new Set(['key_size', 'qr_size']);
/** Of lists that it cannot take an empty text in. */
const FILLED: ReadonlySet<string> = new Set(['crls']);
const isEmpty = (value: unknown): boolean => value === null || value === '';
export const crashes = (name: string, value: unknown): boolean =>
  (CRASHES.has(name) && typeof value !== 'string') ||
  (SIZES.has(name) && Number(value) > 4_096) ||
  (FILLED.has(name) && Array.isArray(value) && value.some(isEmpty));

export const valuesOf = (type: string): readonly unknown[] => VALUES[type] ?? VALUES['string']!;

/** Requests that the real server answered with success when the case was recorded. */
export function succeeded(played: Case): ReadonlySet<Step> {
  const recorded = loadRecording('2.7.2', played);
  return new Set(played.steps.filter((_, index) => (recorded?.[index]?.status ?? 500) < 300));
}

/** So many places an operation, all cases together, each with other fields in its body than those before. */
export function fieldCases(cases: readonly Case[], operations: readonly Operation[], places = 1): Case[] {
  const done = new Map<string, Set<string>>();
  return cases.flatMap((whole): Case[] => {
    const right = succeeded(whole);
    const finder = new Finder(operations);
    let grew = false;
    const steps = whole.steps.flatMap((one): Step[] => {
      const operation = finder.find(one);
      if (operation === undefined || !right.has(one)) return [one];
      const before = done.get(operation.id) ?? new Set();
      const place = Object.keys(fieldsOf(one.body) ?? {})
        .sort()
        .join(' ');
      if (before.size >= places || before.has(place)) return [one];
      const variants = variantsOf(one, operation, operations);
      if (variants.length === 0) return [one];
      done.set(operation.id, before.add(place));
      grew = true;
      return [one, ...variants, one];
    });
    return grew ? [{ ...whole, name: `${whole.name}+fields`, steps }] : [];
  });
}

/** The request with one field sent otherwise, each followed by a look at what it left. */
export function variantsOf(one: Step, operation: Operation, operations: readonly Operation[]): Step[] {
  if (ENDING.has(operation.id) || LASTING.test(operation.path) || one.bytes || one.jws !== undefined) return [];
  const probe = { operation: operation.id, kind: 'field' };
  const settled = BACKGROUND.test(operation.path) ? { wait: 100 } : {};
  const { until: _, ...rest } = one;
  const again = { ...rest, captures: [], probe };
  const body = fieldsOf(one.body);
  const look = operations.some(
    ({ path, method, list }) => path === operation.path && method === 'GET' && list !== 'must',
  )
    ? [step('GET', one.path.split('?')[0]!, { as: one.as, headers: one.headers, probe })]
    : [];
  const inBody = body === undefined ? [] : Object.entries(operation.fields);
  return [
    ...inBody
      .flatMap(([name, type]) => valuesOf(type).map((value) => [name, value] as const))
      .filter(([name, value]) => !crashes(name, value))
      .flatMap(([name, value]) => [
        { ...again, ...settled, body: JSON.stringify({ ...body, [name]: value }) },
        ...look,
      ]),
    ...(operation.query ?? []).flatMap((name) =>
      QUERIED.map((value) => ({ ...again, path: queried(one.path, name, value) })),
    ),
  ];
}

function queried(path: string, name: string, value: string): string {
  const [plain = '', query = ''] = path.split('?');
  const others = query.split('&').filter((pair) => pair !== '' && pair.split('=')[0] !== name);
  return `${plain}?${[...others, `${name}=${value}`].join('&')}`;
}

/** A body whose fields can be changed; none is one without fields. */
export function fieldsOf(body: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (body === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

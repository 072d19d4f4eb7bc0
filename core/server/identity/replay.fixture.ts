/**
 * Replays what a real server answered to a script of requests on a development node, one line each:
 * `{options} METHOD path body -> status answer`. Options: `token`, and `save` with names for parts of the answer that
 * later lines use as `@name@`. What is different in every run is replaced by its kind; lists of ids are sorted.
 */
import { compareText } from '../../codec/bytes.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { emptyObject, isObject, parse, parseObject, print } from '../../codec/json.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import type { Client } from '../node.fixture.ts';

/** The lines that came out differently, as `- real` and `+ ours`. */
export async function replayOn(client: Client, transcript: string): Promise<string[]> {
  const different: string[] = [];
  const saved = new Map<string, string>();
  for (const line of transcript.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('SLEEP ')) {
      await client.clock.advance(Number(line.slice(6)) * 1_000_000);
      continue;
    }
    await client.clock.advance(1_000);
    const at = line.lastIndexOf(' -> ');
    const request = line.slice(0, at).replace(/@(\w+)@/g, (whole, name: string) => saved.get(name) ?? whole);
    const { options, method, path, body } = partsOf(request);
    client.token = asString(options['token']) ?? 'root';
    const answer = await client.call(
      method === 'FORM' ? 'POST' : method,
      path,
      method === 'FORM' ? body : body === '' ? undefined : parse(body),
      headersOf(options, method),
    );
    const json = answer.text === '' ? '' : parseOr(answer.text);
    for (const [name, where] of Object.entries(asObject(options['save']) ?? {})) {
      const value = find(json, asString(where) ?? '');
      saved.set(name, typeof value === 'string' ? value : print(value));
    }
    const ours = `${answer.status} ${print(shown(json, saved))}`;
    const [status = '', ...rest] = line.slice(at + 4).split(' ');
    const real = `${status} ${print(parse(rest.join(' ')))}`;
    if (ours !== real) different.push(`${line.slice(0, at)}\n- ${real}\n+ ${ours}`);
  }
  return different;
}

function partsOf(request: string): { options: JsonObject; method: string; path: string; body: string } {
  let rest = request;
  let options = emptyObject();
  if (rest.startsWith('{')) {
    const end = rest.search(/\} (GET|POST|PUT|LIST|SCAN|DELETE|PATCH|FORM) /) + 1;
    options = parseObject(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  const [method = '', path = '', ...body] = rest.split(' ');
  return { options, method, path, body: body.join(' ') };
}

function headersOf(options: JsonObject, method: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(asObject(options['headers']) ?? {})) {
    headers[name.toLowerCase()] = asString(value) ?? '';
  }
  if (method === 'PATCH') headers['content-type'] = 'application/merge-patch+json';
  if (method === 'FORM') headers['content-type'] = 'application/x-www-form-urlencoded';
  return headers;
}

function parseOr(text: string): JsonValue {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function find(value: JsonValue, path: string): JsonValue {
  let at: JsonValue | undefined = value;
  for (const key of path.split('.')) {
    if (Array.isArray(at)) at = (at as readonly JsonValue[])[Number(key)];
    else at = at !== undefined && isObject(at) ? at[key] : undefined;
  }
  return at ?? null;
}

/** The envelope without its constants. */
function shown(json: JsonValue, saved: ReadonlyMap<string, string>): JsonValue {
  const whole = steady(json, saved, '');
  if (!isObject(whole) || !('lease_id' in whole)) return whole;
  const short = emptyObject();
  for (const key of ['data', 'warnings', 'auth']) {
    const part = whole[key];
    if (part !== null && part !== undefined) short[key] = part;
  }
  return short;
}

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID'],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'JWT'],
  [/\b([a-z]+)_[0-9a-f]{8}\b/g, '$1_HEX'],
  [/\bs\.[A-Za-z0-9]{20,}/g, 'TOKEN'],
  [/\bb\.[\w-]{40,}/g, 'TOKEN'],
  [/\b(hvo_secret_)?([A-Za-z0-9]{26}|[A-Za-z0-9]{32}|[A-Za-z0-9]{64})\b/g, 'RANDOM'],
];

const UNORDERED: ReadonlySet<string> = new Set([
  'keys',
  'member_entity_ids',
  'member_group_ids',
  'group_ids',
  'direct_group_ids',
  'inherited_group_ids',
  'parent_group_ids',
]);

const CHANGING: ReadonlySet<string> = new Set([
  'request_id',
  'accessor',
  'creation_time',
  'ttl',
  'last_renewal_time',
  'n',
  'x',
  'y',
  'barcode',
  'url',
]);

function steady(value: JsonValue, saved: ReadonlyMap<string, string>, key: string): JsonValue {
  if (typeof value === 'string') return steadyText(value, saved);
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) => steady(item, saved, ''));
    return UNORDERED.has(key) ? items.sort((a, b) => compareText(print(a), print(b))) : items;
  }
  if (!isObject(value)) return value;
  const out = emptyObject();
  for (const name of Object.keys(value)) {
    const short = name.length === 1 && print(value[name]!).length < 22;
    const changes = CHANGING.has(name) && typeof value[name] !== 'object' && !short;
    // One of several that cannot be told apart.
    if (steadyText(name, saved) === 'UUID') continue;
    out[steadyText(name, saved)] = changes ? 'ANY' : steady(value[name]!, saved, name);
  }
  return out;
}

function steadyText(text: string, saved: ReadonlyMap<string, string>): string {
  let out = text;
  const known = [...saved].filter(([, value]) => value.length > 6).sort((a, b) => b[1].length - a[1].length);
  for (const [name, value] of known) out = out.replaceAll(value, `@${name}@`);
  return VOLATILE.reduce((all, [what, kind]) => all.replace(what, kind), out);
}

/**
 * Golden transcripts: what the real server answered to a script of requests, one line each, replayed on a mounted
 * engine. A line is `METHOD path body -> status answer`; `SLEEP seconds` moves the clock, `@name@` stands for a value
 * that an earlier answer gave under `save`, and volatile parts (times, UUIDs, hashes) are replaced by their kind.
 */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { emptyObject, isObject, parse, parseObject, print } from '../codec/json.ts';
import type { Operation } from './logical.ts';
import type { Seen, TestMount } from './testing.ts';

const OPERATIONS: Readonly<Record<string, Operation | 'write'>> = {
  GET: 'read',
  POST: 'write',
  PATCH: 'patch',
  DELETE: 'delete',
  LIST: 'list',
  SCAN: 'scan',
  HEAD: 'header',
};

/** Replays a transcript; returns the lines that came out differently, as `- real` and `+ ours`. */
export async function replay(mount: TestMount, transcript: string): Promise<string[]> {
  const different: string[] = [];
  const saved = new Map<string, string>();
  for (const line of transcript.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const sleep = /^SLEEP ([\d.]+)$/.exec(line);
    mount.clock.advance(sleep === null ? 1_000 : Number(sleep[1]) * 1_000_000);
    if (sleep !== null) await mount.settle();
    if (sleep !== null) continue;
    const [request, answer] = splitOnce(line, ' -> ');
    const step = parseStep(request.replace(/@(\w+)@/g, (_, name: string) => saved.get(name) ?? name));
    mount.address = step.address;
    const seen = await mount.send(OPERATIONS[step.method]!, step.path, step.body);
    for (const [name, key] of Object.entries(step.save))
      saved.set(name, print(seen.data?.[key] ?? null).replaceAll('"', ''));
    const ours = shown(seen, step.method);
    if (ours !== answer) different.push(`${request}\n- ${answer}\n+ ${ours}`);
  }
  return different;
}

interface Step {
  readonly method: string;
  readonly path: string;
  readonly body: JsonObject;
  readonly address: string;
  readonly save: Readonly<Record<string, string>>;
}

// Options stand in front: `{"ip":"1.2.3.4","save":{"id":"secret_id"}} POST login {…}`.
function parseStep(request: string): Step {
  let rest = request;
  let options: JsonObject = emptyObject();
  if (rest.startsWith('{')) {
    const [text, after] = splitOnce(rest, '} ');
    options = parseObject(`${text}}`);
    rest = after;
  }
  const [method, tail] = splitOnce(rest, ' ');
  const [address, body] = splitOnce(tail, ' ');
  const [path, query] = splitOnce(address, '?');
  const data = body === '' ? emptyObject() : parseObject(body);
  for (const pair of query === '' ? [] : query.split('&')) {
    const [name, value] = splitOnce(pair, '=');
    data[name] = value;
  }
  const { ip, save } = options;
  return {
    method,
    path: path.replaceAll('%20', ' '),
    body: data,
    address: typeof ip === 'string' ? ip : '127.0.0.1',
    save: isObject(save) ? (save as Record<string, string>) : {},
  };
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + by.length)];
}

/** The line's right side. The multierror frame of bare errors is the request path's work and left out. */
function shown(seen: Seen, method: string): string {
  const parts: JsonObject = emptyObject();
  if (seen.errors !== undefined && method !== 'HEAD') parts['errors'] = seen.errors;
  if (seen.data !== undefined) parts['data'] = seen.data;
  if (seen.warnings !== undefined) parts['warnings'] = seen.warnings;
  const auth = seen.response?.auth;
  if (auth !== undefined) {
    parts['auth'] = {
      // The request path fills in what the method leaves open.
      lease_duration: Math.trunc(auth.ttl / 1_000_000) || 2_764_800,
      metadata: auth.metadata,
      num_uses: auth.numUses ?? 0,
      renewable: auth.renewable && auth.tokenType !== 'batch',
      token_type: auth.tokenType === 'default' ? 'service' : auth.tokenType,
    };
  }
  const ttl = Math.trunc((seen.response?.secret?.ttl ?? 0) / 1_000_000);
  if (ttl !== 0) parts['lease_duration'] = ttl;
  return `${seen.status} ${print(steady(parse(print(parts))))}`;
}

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID'],
];

function steady(value: JsonValue): JsonValue {
  if (typeof value === 'string') return VOLATILE.reduce((text, [what, kind]) => text.replace(what, kind), value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(steady);
  if (!isObject(value)) return value;
  const out = emptyObject();
  for (const key of Object.keys(value)) out[key] = steady(value[key]!);
  return out;
}

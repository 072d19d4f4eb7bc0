/** Requests that are nearly right: taken from the cases and bent in one to three places, as a seed decides. */
import type { Request } from '../client.ts';
import type { Step } from '../case.ts';

/** A number from 0 to 1, and what follows from it. */
export type Dice = () => number;

const pick = <T>(dice: Dice, from: readonly T[]): T => from[Math.floor(dice() * from.length)]!;

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'LIST', 'SCAN', 'PATCH', 'HEAD', 'OPTIONS'];

/** What a field may turn out to be. The texts are JSON as it is sent. */
const VALUES = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1.5',
  '1e3',
  '1e400',
  '9223372036854775808',
  '-0',
  '0.1e-400',
  '""',
  '" "',
  '"x"',
  '"1h"',
  '"-1h"',
  '"99999999h"',
  '"1x"',
  '"true"',
  '"null"',
  '"\\u0000"',
  '"\\ud800"',
  '"../../x"',
  '"a/b"',
  '"a//b"',
  '"*"',
  '"+"',
  '"{{identity.entity.id}}"',
  '"%s%d"',
  '"ä"',
  '"a,b,,c"',
  '[]',
  '[null]',
  '["x",1]',
  '[[]]',
  '{}',
  '{"a":null}',
  '{"a":{"b":{"c":[{}]}}}',
  `"${'x'.repeat(5_000)}"`,
  `[${'['.repeat(200)}${']'.repeat(200)}]`,
];

const BODIES = [
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '{"a":1}{"b":2}',
  '{"a":1,"a":2}',
  '{"a":1,}',
  'a=1&b=2',
  '\u0000',
  '{"":""}',
];

const SEGMENTS = [
  'x',
  '..',
  '.',
  '',
  '%2F',
  '%00',
  '%zz',
  'ä',
  '%C3%A4',
  '*',
  '+',
  ' ',
  'a'.repeat(600),
  'true',
  '0',
  '~',
];

const QUERIES = [
  'list=true',
  'list=x',
  'scan=true',
  'list=true&scan=true',
  'after=x&limit=-1',
  'limit=x',
  'help=1',
  'version=-1',
  'version=x',
  'a',
  '%zz',
  '=&=',
];

const HEADERS: readonly (readonly [string, string])[] = [
  ['X-Vault-Token', 'nobody'],
  ['X-Vault-Token', 's.unknown.ns'],
  ['X-Vault-Wrap-TTL', '60s'],
  ['X-Vault-Wrap-TTL', 'x'],
  ['X-Vault-Wrap-TTL', '-1'],
  ['X-Vault-Namespace', 'nowhere'],
  ['X-Vault-Namespace', '/'],
  ['X-Vault-Index', 'x'],
  ['X-Vault-Inconsistent', 'x'],
  ['X-Vault-Request', 'false'],
  ['Content-Type', 'text/plain'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Content-Type', 'x'],
  ['Authorization', 'Bearer nobody'],
  ['X-Vault-Inline-Auth-Path', 'auth/userpass/login/x'],
];

type Bend = (request: Request, dice: Dice) => Request;

/** The members of an object's text, cut at the top level; undefined when it is no object. */
function members(body: Request['body']): Map<string, string> | undefined {
  if (body instanceof Uint8Array) return undefined;
  try {
    const value: unknown = JSON.parse(body ?? '{}');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return new Map(Object.entries(value).map(([key, member]) => [key, JSON.stringify(member)]));
  } catch {
    return undefined;
  }
}

const joined = (fields: ReadonlyMap<string, string>): string =>
  `{${[...fields].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;

const field: Bend = (request, dice) => {
  const fields = members(request.body);
  if (fields === undefined || fields.size === 0) return request;
  const key = pick(dice, [...fields.keys()]);
  if (dice() < 0.25) fields.delete(key);
  else fields.set(key, pick(dice, VALUES));
  return { ...request, body: joined(fields) };
};

const stranger: Bend = (request, dice) => {
  const fields = members(request.body) ?? new Map<string, string>();
  const names = [
    'zz',
    'name',
    'path',
    'type',
    'ttl',
    'max_ttl',
    'policies',
    'data',
    'options',
    'token',
    'id',
    'key',
    'config',
    '',
  ];
  return { ...request, body: joined(new Map([...fields, [pick(dice, names), pick(dice, VALUES)]])) };
};

const body: Bend = (request, dice) => ({ ...request, body: pick(dice, BODIES) });

const method: Bend = (request, dice) => ({ ...request, method: pick(dice, METHODS) });

const segment: Bend = (request, dice) => {
  const [path = '', query] = request.path.split('?');
  const parts = path.split('/');
  const at = 2 + Math.floor(dice() * Math.max(1, parts.length - 2));
  const how = dice();
  if (how < 0.3) parts.splice(at, 1);
  else if (how < 0.6) parts.splice(at, 0, pick(dice, SEGMENTS));
  else parts[at] = pick(dice, SEGMENTS);
  const bent = parts.join('/').replaceAll(' ', '%20').replaceAll('ä', '%E4');
  return { ...request, path: query === undefined ? bent : `${bent}?${query}` };
};

const query: Bend = (request, dice) => ({
  ...request,
  path: `${request.path}${request.path.includes('?') ? '&' : '?'}${pick(dice, QUERIES)}`,
});

const header: Bend = (request, dice) => {
  const added = pick(dice, HEADERS);
  const rest = request.headers.filter(([name]) => name !== added[0]);
  return { ...request, headers: [...rest, added] };
};

const BENDS: readonly Bend[] = [field, field, field, stranger, body, method, segment, segment, query, header];

/** What ends the server, its devices or its storage, or takes minutes: not for a fuzz in passing. */
const LEFT_OUT =
  /^\/v1\/(sys\/(seal|step-down|unseal|init|raw|storage|audit|quotas|pprof|monitor|config\/reload|in-flight-req|metrics)|[^?]*\/(seal|unseal))(\/|\?|$)/;

/** `token` is root's. Undefined: what came out is left out. */
export function bent(steps: readonly Step[], token: string, dice: Dice): Request | undefined {
  const from = pick(dice, steps);
  let request: Request = {
    method: from.method,
    path: (from.path.startsWith('/') ? from.path : `/v1/${from.path}`).replace(/\$\w+/g, 'x'),
    headers: [
      ['X-Vault-Token', token],
      ['Content-Type', from.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'],
    ],
    body: from.body,
  };
  const times = 1 + Math.floor(dice() * 3);
  for (let turn = 0; turn < times; turn++) request = pick(dice, BENDS)(request, dice);
  if (request.method === 'GET' || request.method === 'HEAD') request = { ...request, body: undefined };
  return LEFT_OUT.test(request.path) ? undefined : request;
}

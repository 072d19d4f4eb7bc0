/**
 * Cases made from the OpenAPI alone: for each operation what it answers without a token, without rights, to another
 * method, a bad body, wrong types, unknown fields, in a namespace that is not there, and when the server is sealed.
 */
import type { Case, Step } from './case.ts';
import { step } from './case.ts';
import type { Method, Operation } from './operations.ts';
import { ENGINES } from './operations.ts';

/** The columns of the matrix, in order; `case` is for what cases written by hand cover. */
export const KINDS = [
  'case',
  'bare',
  'missing field',
  'no token',
  'no permission',
  'unknown path',
  'other method',
  'list',
  'scan',
  'head',
  'bad body',
  'bad type',
  'unknown field',
  'namespace',
  'sealed',
  'field',
] as const;
export type ProbeKind = (typeof KINDS)[number];

/** What stands for a path's parameters. */
const NAME = 'x1';
/** Wrong types are tried on so many fields of an operation. */
const FIELDS = 12;

/**
 * Operations that end what the probes stand on, or go on in the background for a while; they are asked only in ways
 * that cannot succeed.
 */
export const ENDING: ReadonlySet<string> = new Set([
  'POST /sys/seal',
  'POST /sys/step-down',
  'POST /auth/token/revoke-self',
  'DELETE /sys/namespaces/{path}',
]);
/** Answers that last, or never end. */
export const LASTING = /^\/sys\/(?:monitor|pprof\/(?:profile|trace))$/;

export const BACKGROUND = /\/tidy(?:\/secret-id)?$/;

/** One case an area. Needs nothing but a dev server. */
export function probeCases(operations: readonly Operation[]): Case[] {
  const areas = new Map<string, Operation[]>();
  for (const operation of operations) areas.set(operation.area, [...(areas.get(operation.area) ?? []), operation]);
  return [...areas].map(([area, own]) => ({
    name: `${area}/probes`,
    area,
    about: `Every documented operation of ${area} in every wrong way`,
    server: 'dev',
    steps: [
      ...setUp(own),
      ...own.flatMap((operation) => probesOf(operation, methodsOf(operation, own))),
      ...sealed(own),
    ],
  }));
}

function setUp(operations: readonly Operation[]): Step[] {
  const prefixes = new Set(
    operations.map(({ path }) => path.slice(1).split('/')).map(([a, b]) => (a === 'auth' ? `auth/${b}` : a!)),
  );
  const mounts = ENGINES.filter(([mount]) => prefixes.has(mount.replace(/^sys\/(?:mounts\/)?/, '')));
  return [
    ...mounts.map(([mount, body]) => step('POST', mount, { body })),
    step('POST', 'auth/token/create', {
      body: '{"no_default_policy":true,"policies":["nothing"]}',
      captures: [{ name: 'nobody', at: ['auth', 'client_token'] }],
    }),
  ];
}

const filled = (operation: Operation): string => operation.path.slice(1).replace(/\{\w+\}/g, NAME);
const listed = ({ list }: Operation): string => (list === 'must' ? '?list=true' : '');

const methodsOf = ({ path }: Operation, all: readonly Operation[]): Set<Method> =>
  new Set(all.filter((other) => other.path === path).map(({ method }) => method));

/** `documented`: what the path is documented to answer; the first operation of a path also tries what is not. */
function probesOf(operation: Operation, documented: ReadonlySet<Method>): Step[] {
  const { method } = operation;
  const path = filled(operation);
  const writes = method === 'POST' || method === 'PATCH';
  const url = path + listed(operation);
  const body = writes ? '{}' : undefined;
  const probe = (kind: ProbeKind, verb: string, to: string, rest: Partial<Step> = {}): Step =>
    step(verb, to, { probe: { operation: operation.id, kind }, ...rest });
  const steps = [
    probe('no token', method, url, { body, as: 'none' }),
    probe('namespace', method, url, { body, headers: [['X-Vault-Namespace', 'nothere']] }),
  ];
  if (ENDING.has(operation.id)) return steps;
  steps.push(probe('no permission', method, url, { body, as: '$nobody' }));
  steps.push(probe('unknown path', method, `${path}/zz${listed(operation)}`, { body }));
  if (LASTING.test(operation.path)) return steps;
  if (method !== 'GET') steps.push(probe('other method', method === 'PATCH' ? 'LIST' : 'PATCH', path, { body: '{}' }));
  if (method === [...documented][0])
    for (const other of ['POST', 'DELETE'] as const)
      if (!documented.has(other))
        steps.push(probe('other method', other, path, other === 'POST' ? { body: '{}' } : {}));
  steps.push(probe('bare', method, url));
  // What goes on in the background is given time to end: whether it still runs is chance.
  const settled = BACKGROUND.test(operation.path) ? { wait: 400 } : {};
  if (writes) steps.push(probe('missing field', method, url, { body, ...settled }));
  if (method === 'GET') {
    steps.push(probe('list', 'LIST', path), probe('scan', 'SCAN', path), probe('head', 'HEAD', path));
    steps.push(probe('other method', 'OPTIONS', path));
  }
  if (writes) {
    steps.push(probe('bad body', method, url, { body: '{"a":' }), probe('bad body', method, url, { body: '[1]' }));
    steps.push(probe('unknown field', method, url, { body: '{"zz_unknown":1}', ...settled }));
    for (const [name, type] of Object.entries(operation.fields).slice(0, FIELDS)) {
      const wrong = type === 'string' || type === 'object' ? '["a",{"b":1}]' : '{"a":{"b":1}}';
      steps.push(probe('bad type', method, url, { body: `{"${name}":${wrong}}`, ...settled }));
    }
  }
  return steps;
}

function sealed(operations: readonly Operation[]): Step[] {
  return [
    step('PUT', 'sys/seal'),
    ...operations
      .filter(({ path }) => !LASTING.test(path))
      .map((operation) => {
        const body = operation.method === 'POST' || operation.method === 'PATCH' ? '{}' : undefined;
        const probe = { operation: operation.id, kind: 'sealed' };
        return step(operation.method, filled(operation) + listed(operation), { body, probe });
      }),
  ];
}

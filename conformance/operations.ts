/** What there is to cover: the operations of a server's own OpenAPI, with every engine mounted under its name. */
import { Client } from './client.ts';
import type { Step } from './case.ts';
import type { Target } from './targets/target.ts';

export type Method = 'GET' | 'POST' | 'DELETE' | 'PATCH';

export interface Operation {
  /** 'GET /kv-v2/data/{path}'. */
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly area: string;
  /** Body fields by name with their OpenAPI type. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether GET takes `list` (must: it is nothing but a listing). */
  readonly list?: 'may' | 'must';
  /** What else is documented to be sent in the query string. */
  readonly query?: readonly string[];
}

/** Where each kind of engine is mounted for the denominator. */
export const ENGINES: readonly (readonly [mount: string, body: string])[] = [
  ['sys/mounts/kv-v1', '{"type":"kv","options":{"version":"1"}}'],
  ['sys/mounts/kv-v2', '{"type":"kv","options":{"version":"2"}}'],
  ...['database', 'kubernetes', 'ldap', 'openldap', 'pki', 'rabbitmq', 'ssh', 'totp', 'transit'].map(
    (type) => [`sys/mounts/${type}`, `{"type":"${type}"}`] as const,
  ),
  ...['approle', 'cert', 'jwt', 'kerberos', 'kubernetes', 'ldap', 'oidc', 'radius', 'userpass'].map(
    (type) => [`sys/auth/${type}`, `{"type":"${type}"}`] as const,
  ),
];

/** 'kv' for what is under /kv-v1 and /kv-v2, 'token' for /auth/token, 'sys', 'transit' … */
export function areaOf(path: string): string {
  const [, first = '', second = ''] = path.split('/');
  if (first === 'auth') return second;
  return first.startsWith('kv-v') ? 'kv' : first;
}

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}
interface Documented {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** Of a path, or of one of its operations. */
const parametersOf = ({ parameters }: { readonly parameters?: unknown }): readonly Parameter[] =>
  Array.isArray(parameters) ? (parameters as readonly Parameter[]) : [];

const LISTING: ReadonlySet<string> = new Set(['list', 'scan']);

/** In the order of the paths. */
export function operationsOf(document: OpenApi): Operation[] {
  const schemas = document.components?.schemas ?? {};
  return Object.keys(document.paths)
    .sort()
    .flatMap((path) =>
      (['GET', 'POST', 'PATCH', 'DELETE'] as const).flatMap((method): Operation[] => {
        const documented = document.paths[path]![method.toLowerCase()] as Documented | undefined;
        if (documented === undefined) return [];
        const list = documented.parameters?.find((parameter) => parameter.name === 'list' && parameter.in === 'query');
        const query = [...parametersOf(document.paths[path]!), ...parametersOf(documented)]
          .filter((parameter) => parameter.in === 'query' && !LISTING.has(parameter.name))
          .map(({ name }) => name);
        const schema = documented.requestBody?.content?.['application/json']?.schema;
        const resolved = schema?.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1)!];
        const fields = Object.entries(resolved?.properties ?? {}).map(([name, { type = 'string' }]) => [name, type]);
        return [
          {
            id: `${method} ${path}`,
            method,
            path,
            area: areaOf(path),
            fields: Object.fromEntries(fields),
            ...(list === undefined ? {} : { list: list.required ? 'must' : 'may' }),
            ...(query.length === 0 ? {} : { query }),
          },
        ];
      }),
    );
}

/** Asks a fresh server of the target, with everything mounted that it knows. */
export const askOperations = async (target: Target): Promise<Operation[]> => operationsOf(await askDocument(target));

/** Its whole OpenAPI document. */
export async function askDocument(target: Target): Promise<OpenApi> {
  const running = await target.start('dev');
  const client = new Client(running.addresses[0]!, 60_000);
  try {
    const headers = [['X-Vault-Token', running.token] as const, ['Content-Type', 'application/json'] as const];
    for (const [mount, body] of ENGINES) await client.send({ method: 'POST', path: `/v1/${mount}`, headers, body });
    const path = '/v1/sys/internal/specs/openapi';
    const { body } = await client.send({ method: 'GET', path, headers, body: undefined });
    const document = JSON.parse(body) as OpenApi;
    // KV at secret/ is there twice, under its own name too.
    const paths = Object.entries(document.paths).filter(([path]) => !path.startsWith('/secret/'));
    return { ...document, paths: Object.fromEntries(paths) };
  } finally {
    client.close();
    await running.stop();
  }
}

/** Finds the operation that a request is about, given what the case has mounted where. */
export class Finder {
  readonly #templates: readonly { readonly pattern: RegExp; readonly literal: number; readonly operation: Operation }[];
  readonly #mounts = new Map<string, string>([['secret', 'kv-v2']]);

  constructor(operations: readonly Operation[]) {
    this.#templates = operations.map((operation) => ({
      operation,
      literal: operation.path.replace(/\{\w+\}/g, '').length,
      pattern: new RegExp(`^${operation.path.replace(/\/?\{(\w+)\}(?=$|(.))/g, fragment)}/?$`),
    }));
  }

  find({ method, path, body }: Pick<Step, 'method' | 'path' | 'body'>): Operation | undefined {
    if (path.startsWith('/')) return undefined;
    const plain = path.split('?')[0]!;
    this.#noteMount(method, plain, body);
    const wanted = { LIST: 'GET', SCAN: 'GET', PUT: 'POST' }[method] ?? method;
    const listing = method === 'LIST' || method === 'SCAN' || /[?&]list=/.test(path);
    const there = `/${this.#documented(plain)}`;
    const found = this.#templates.filter(
      ({ operation, pattern }) =>
        operation.method === wanted &&
        pattern.test(there) &&
        (listing || wanted !== 'GET' || operation.list !== 'must'),
    );
    return found.sort((a, b) => score(b, there, listing) - score(a, there, listing))[0]?.operation;
  }

  #noteMount(method: string, path: string, body: string | undefined): void {
    const [, kind, mount] = /^sys\/(mounts|auth)\/(.+?)\/?$/.exec(path) ?? [];
    if (mount === undefined || (method !== 'POST' && method !== 'PUT') || body === undefined) return;
    const type = /"type":"([\w-]+)"/.exec(body)?.[1];
    if (type === undefined) return;
    const second = type === 'kv-v2' || (type === 'kv' && /"version":"?2/.test(body));
    const name = type.startsWith('kv') ? (second ? 'kv-v2' : 'kv-v1') : type;
    if (kind === 'auth') this.#mounts.set(`auth/${mount}`, `auth/${name}`);
    else this.#mounts.set(mount, name);
  }

  #documented(path: string): string {
    for (const [mount, name] of this.#mounts)
      if (path === mount || path.startsWith(`${mount}/`)) return name + path.slice(mount.length);
    return path;
  }
}

/** An operation of its own is nearer than one of which the path at the end would be empty. */
function score({ literal, operation }: { literal: number; operation: Operation }, there: string, listing: boolean) {
  const empty =
    operation.path.replace(/\/?\{\w+\}$/, '') === there.replace(/\/$/, '') && /\{\w+\}$/.test(operation.path);
  return literal + (listing && operation.list !== undefined ? 0.5 : 0) - (empty ? 1.6 : 0);
}

/** Only paths of secrets and mounts have slashes in them, and a listing may leave its last one out. */
function fragment(whole: string, name: string, next: string | undefined): string {
  const slash = whole.startsWith('/') ? '/' : '';
  if (name === 'urlbytes') return `${slash}\\d+`;
  if (name === 'source') return `${slash}(?!\\d+/?$)[^/]+`;
  if (name !== 'path' && name !== 'prefix') return `${slash}[^/]+`;
  return next === undefined ? `(?:${slash}.+)?` : `${slash}.+`;
}

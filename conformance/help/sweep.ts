/** Asks a server for help on everything. */
import { Client } from '../client.ts';
import { ENGINES } from '../operations.ts';
import type { Running, Target } from '../targets/target.ts';
import { asListed, differences, frameOf, type Node } from './structure.ts';

export interface Question {
  /** As it stands in the request's line, behind `/v1/`. */
  readonly path: string;
  /** GET unless given. */
  readonly method?: 'GET' | 'HELP' | 'LIST' | 'POST';
  readonly query?: string;
  readonly as?: Caller;
  readonly namespace?: string;
  /** Of a cluster; the first is the active one. */
  readonly node?: number;
}

export type Caller = 'root' | 'nobody' | 'poor' | 'child' | 'wrong';

export interface Shown {
  readonly status: number;
  /** The answer's text, where it is no help. */
  readonly text: string;
  readonly keys: readonly string[];
  readonly frame: readonly string[];
  readonly openapi: Node;
  readonly help: string;
}

/** Since 2.7; ours has them still. */
const GONE: ReadonlySet<string> = new Set(['kerberos', 'ldap', 'openldap', 'radius']);

const isGone = ([mount]: readonly [mount: string, body: string]): boolean => GONE.has(mount.split('/').at(-1)!);

const SHARED = ENGINES.filter((engine) => !isGone(engine));
const OLDER = ENGINES.filter(isGone);

const placeOf = ([mount]: readonly [mount: string, body: string]): string => mount.replace(/^sys\/(?:mounts\/)?/, '');

/** What is there without being mounted, and what is mounted. */
export const MOUNTS: readonly string[] = [
  'sys',
  'identity',
  'cubbyhole',
  'auth/token',
  'secret',
  ...SHARED.map(placeOf),
];

/** What 2.7 has no more. */
export const OLDER_MOUNTS: readonly string[] = OLDER.map(placeOf);

/** A line for each path that is documented, tabs between what its help shows (`recordedAs`). */
export const RECORDED = new URL('../recordings/help-2.7.2.txt', import.meta.url);

/** A dev server with everything mounted, a namespace, and somebody with a token for each kind of caller. */
export class Asked {
  readonly #running: Running;
  readonly #clients: readonly Client[];
  readonly #tokens: Record<Caller, string>;

  private constructor(running: Running) {
    this.#running = running;
    this.#clients = running.addresses.map((address) => new Client(address));
    this.#tokens = { root: running.token, nobody: '', poor: '', child: '', wrong: 's.wrong' };
  }

  /** older: a dev server with what 2.7 has no more, too; cluster: three raft nodes, with nothing mounted. */
  static async start(target: Target, kind: 'dev' | 'older' | 'cluster' = 'dev'): Promise<Asked> {
    const asked = new Asked(await target.start(kind === 'cluster' ? kind : 'dev'));
    if (kind === 'cluster') return asked;
    for (const [mount, body] of kind === 'older' ? ENGINES : SHARED) await asked.#post(mount, body);
    await asked.#post('sys/mounts/o.d-d_l/y', '{"type":"kv"}');
    await asked.#post('sys/namespaces/below', '{}');
    await asked.#post('below/sys/mounts/kv', '{"type":"kv"}');
    await asked.#post('below/sys/auth/userpass', '{"type":"userpass"}');
    const policy = 'path "transit/keys/*" { capabilities = ["read"] } path "sys/mounts" { capabilities = ["read"] }';
    await asked.#post('sys/policies/acl/poor', JSON.stringify({ policy }));
    asked.#tokens.poor = await asked.#token('auth/token/create', '{"policies":["poor"]}');
    asked.#tokens.child = await asked.#token('below/auth/token/create', '{}');
    return asked;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#running.stop();
  }

  async ask(question: Question): Promise<Shown> {
    const { status, body } = await this.#send({ query: 'help=1', ...question });
    const read = status === 200 ? (JSON.parse(body) as Node) : {};
    if (typeof read['help'] !== 'string') {
      const text = body.replace(/"request_id":"[^"]*"/, '');
      return { status, text, keys: [], frame: [], openapi: {}, help: '' };
    }
    const openapi = read['openapi'] as Node;
    return {
      status,
      text: JSON.stringify(read['see_also']),
      keys: Object.keys(read),
      frame: frameOf(read['help']),
      // The version is the server's own.
      openapi: { ...openapi, info: undefined, paths: asListed(openapi['paths'] as Node) },
      help: read['help'],
    };
  }

  #send({
    path,
    method = 'GET',
    query,
    as = 'root',
    namespace,
    node = 0,
    body,
  }: Question & { readonly body?: string }) {
    const headers = [
      ...(as === 'nobody' ? [] : [['X-Vault-Token', this.#tokens[as]] as const]),
      ...(namespace === undefined ? [] : [['X-Vault-Namespace', namespace] as const]),
    ];
    const target = `/v1/${path}${query === undefined ? '' : `?${query}`}`;
    return this.#clients[node]!.send({ method, path: target, headers, body });
  }

  /** What the server says of its API, or how it refuses to. */
  async describe(question: Partial<Question> & { readonly body?: string }): Promise<Node> {
    const { status, body } = await this.#send({ path: 'sys/internal/specs/openapi', ...question });
    if (status !== 200) return { status, body };
    const document = JSON.parse(body) as Node;
    return { ...document, paths: asListed(document['paths'] as Node) };
  }

  async #post(path: string, body: string): Promise<string> {
    const headers = [['X-Vault-Token', this.#running.token] as const, ['Content-Type', 'application/json'] as const];
    const answer = await this.#clients[0]!.send({ method: 'POST', path: `/v1/${path}`, headers, body });
    return answer.body;
  }

  async #token(path: string, body: string): Promise<string> {
    const { auth } = JSON.parse(await this.#post(path, body)) as { readonly auth: { readonly client_token: string } };
    return auth.client_token;
  }
}

/** What a question and its answer are recorded as: on one line, without the path that was asked. */
export const recordedAs = ({ path }: Question, { status, text, frame }: Shown): string =>
  [path, ...(status === 200 ? frame.filter((line) => !line.startsWith('Request:')) : [status, text.trim()])].join('\t');

/** How ours differs from what the real server shows, a line each. */
export function compareShown(real: Shown, ours: Shown): string[] {
  const lines = (one: Shown): string[] => [`status ${one.status}`, one.text, one.keys.join(','), ...one.frame];
  const [expected, found] = [lines(real), lines(ours)];
  const out = [
    ...expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
  ];
  if (out.length === 0 && expected.join('\n') !== found.join('\n')) out.push('another order');
  return [...out, ...[...differences(real.openapi, ours.openapi)].map((place) => `~ ${place}`)];
}

/**
 * Cases: sequences of requests in a small text form.
 *
 *     # What the case is about
 *     server: uninitialised                               (dev when not said)
 *     service: rabbitmq                                   (a stand-in, at $service, on $port)
 *     PUT secret/data/a {"data":{"x":1}} as $token -> version=.data.version
 *       X-Vault-Wrap-TTL: 60s                             (a header)
 *       body: not JSON                                    (a body as it is)
 *       bytes: MEI=                                       (a body of bytes, in base64)
 *       until: .data.status=success                       (asked again until it is so, 10 s at most; `status`: HTTP's)
 *     wait 1200ms
 *
 *     VISIT $url&user=alice -> code=.code                 (what a browser would do: not the server's URL, but a service's)
 *
 *     POST pki/acme/new-account {} as none -> kid=Location, account=Location/
 *       jws: alice                                        (signed with the key of this name, as ACME wants it)
 *     POST pki/acme/account/$account as none
 *       jws: alice $kid                                   (in the name of the account at this URL)
 *
 * A path has /v1/ before it unless it starts with a slash. Who asks is root unless `as` says otherwise (`as none`: without
 * a token). `$name` stands for what an earlier `-> name=.path` took out of a response, anywhere in a request: `.path` out of
 * its body, `Name` a header, `pem` the first certificate as ACME sends it (DER in base64url); with a slash at its end, the
 * last part of the URL there. `$server` is the server's own URL.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isService, type ServiceName } from './services/service.ts';

/**
 * dev: unsealed, root token `root`, KV at secret/; bare: not initialised, in memory; raft: not initialised, raft on
 * disk; cluster: three raft nodes, all voters; shares, auto: as bare, with audit devices through the API, sys/rekey and
 * sys/generate-root for whoever holds shares, and auto with the static seal.
 */
export type ServerKind = 'dev' | 'bare' | 'raft' | 'cluster' | 'shares' | 'auto';
const KINDS: readonly string[] = ['dev', 'bare', 'raft', 'cluster', 'shares', 'auto'];

export interface Capture {
  readonly name: string;
  /** Keys from the response's body on. */
  readonly at: readonly string[];
  /** Instead of the body's: the value of this header, or the body's first certificate. */
  readonly source?: { readonly header: string } | 'pem';
  /** Of a URL, what comes after its last slash. */
  readonly last?: true;
}

/** Who signs a body: the key of this name, for an account's URL if there is one yet. */
export interface Signer {
  readonly key: string;
  readonly account: string | undefined;
}

export interface Step {
  readonly line: number;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  /** 'root', 'none', a token or $name. */
  readonly as: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly captures: readonly Capture[];
  /** Where in the body; nowhere: the answer's status. */
  readonly until?: { readonly at: readonly string[]; readonly value: string };
  /** Milliseconds before the request. */
  readonly wait?: number;
  /** Which node of a cluster; 0 is the active one at the start. */
  readonly node?: number;
  readonly jws?: Signer;
  /** `body` is the base64 of what is sent. */
  readonly bytes?: true;
  /** For generated steps: which operation in which way. */
  readonly probe?: { readonly operation: string; readonly kind: string };
}

export interface Case {
  /** area/file. */
  readonly name: string;
  readonly area: string;
  readonly about: string;
  readonly server: ServerKind;
  readonly service?: ServiceName;
  readonly steps: readonly Step[];
}

/** A mistake in a case's text. */
export class CaseError extends Error {}

export const step = (method: string, path: string, rest: Partial<Step> = {}): Step => ({
  line: 0,
  method,
  path,
  body: undefined,
  as: 'root',
  headers: [],
  captures: [],
  ...rest,
});

/** One line that shows the request; what recordings and reports call it. */
export function stepText({ method, path, body, as, headers, node, jws }: Step): string {
  const parts = [method, path];
  if (body !== undefined) parts.push(body);
  if (as !== 'root') parts.push(`as ${as}`);
  if (node !== undefined) parts.push(`@${node}`);
  for (const [name, value] of headers) parts.push(`[${name}: ${value}]`);
  if (jws !== undefined) parts.push(`[jws: ${signerText(jws)}]`);
  return parts.join(' ');
}

export function parseCase(text: string, name: string): Case {
  const about: string[] = [];
  const steps: Step[] = [];
  let server: ServerKind = 'dev';
  let service: ServiceName | undefined;
  let wait: number | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fail = (why: string): never => {
      throw new CaseError(`${name}:${index + 1}: ${why}: ${line.trim()}`);
    };
    if (line.trim() === '') continue;
    if (line.startsWith('#')) {
      if (steps.length === 0) about.push(line.slice(1).trim());
    } else if (/^\s/.test(line)) {
      const last = steps.at(-1) ?? fail('a detail without a request');
      steps[steps.length - 1] = withDetail(last, line.trim(), fail);
    } else if (line.startsWith('server:')) {
      const kind = line.slice(7).trim();
      if (!KINDS.includes(kind)) fail('unknown kind of server');
      server = kind as ServerKind;
    } else if (line.startsWith('service:')) {
      const wanted = line.slice(8).trim();
      if (!isService(wanted)) return fail('unknown service');
      service = wanted;
    } else if (line.startsWith('wait ')) {
      const [, amount] = /^wait (\d+)ms$/.exec(line) ?? fail('a wait is like 1200ms');
      wait = Number(amount);
    } else {
      steps.push({ ...parseStep(line, index + 1, fail), ...(wait === undefined ? {} : { wait }) });
      wait = undefined;
    }
  }
  return {
    name,
    area: name.split('/')[0]!,
    about: about.join(' '),
    server,
    ...(service === undefined ? {} : { service }),
    steps,
  };
}

function withDetail(step: Step, text: string, fail: (why: string) => never): Step {
  const [, name = '', value = ''] = /^([\w-]+): ?(.*)$/.exec(text) ?? fail('not "name: value"');
  if (name === 'body') return { ...step, body: value };
  if (name === 'bytes') return { ...step, body: value, bytes: true };
  if (name === 'jws') {
    const [, key = '', account] = /^([\w-]+)(?: (\S+))?$/.exec(value) ?? fail('not "KEY" or "KEY ACCOUNT"');
    return { ...step, jws: { key, account } };
  }
  if (name === 'until') {
    const [, at = '', wanted = ''] = /^(\S+?)=(.*)$/.exec(value) ?? fail('not ".path=value"');
    return { ...step, until: { at: at === 'status' ? [] : pointer(at, fail), value: wanted } };
  }
  return { ...step, headers: [...step.headers, [name, value]] };
}

function parseStep(line: string, number: number, fail: (why: string) => never): Step {
  const [, method = '', path = '', rest = ''] = /^([A-Z]+) (\S+)(.*)$/.exec(line) ?? fail('not a request');
  const { body, tail } = splitBody(rest.trim(), fail);
  const [, as, node, captured] =
    /^(?:as (\S+))? ?(?:@(\d))? ?(?:-> (.+))?$/.exec(tail) ??
    fail('after the body come "as WHO", "@NODE", "-> name=.path"');
  const captures = (captured ?? '').split(',').filter((text) => text !== '');
  return {
    ...step(method, path, { line: number, body, as: as ?? 'root' }),
    ...(node === undefined ? {} : { node: Number(node) }),
    captures: captures.map((text) => {
      const [, name = '', at = '', slash] = /^\s*(\w+)=(\S+?)(\/)?\s*$/.exec(text) ?? fail('a capture is name=.path');
      return { name, ...whence(at, fail), ...(slash === undefined ? {} : { last: true }) };
    }),
  };
}

function whence(text: string, fail: (why: string) => never): Omit<Capture, 'name'> {
  if (text === 'pem') return { at: [], source: 'pem' };
  return /^[A-Z]/.test(text) ? { at: [], source: { header: text } } : { at: pointer(text, fail) };
}

const whenceText = ({ at, source, last }: Capture): string =>
  (source === undefined ? `.${at.join('.')}` : source === 'pem' ? 'pem' : source.header) + (last ? '/' : '');

const signerText = ({ key, account }: Signer): string => (account === undefined ? key : `${key} ${account}`);

function pointer(text: string, fail: (why: string) => never): string[] {
  if (!text.startsWith('.')) fail('a path in a response starts with a dot');
  return text.slice(1).split('.');
}

/** A JSON object or list at the start of the text, and what follows it. */
function splitBody(text: string, fail: (why: string) => never): { body: string | undefined; tail: string } {
  if (!text.startsWith('{') && !text.startsWith('[')) return { body: undefined, tail: text };
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0)
      return { body: text.slice(0, at + 1), tail: text.slice(at + 1).trim() };
  }
  return fail('the body does not end');
}

/** The text that `parseCase` reads back; of nodes, waits and `until`, which no generated step has, it says nothing. */
export function printCase(about: string, steps: readonly Step[]): string {
  const lines = steps.flatMap(({ method, path, body, as, headers, captures, jws, bytes }) => {
    const json = body !== undefined && isWhole(body);
    const words = [method, path, ...(json ? [body] : []), ...(as === 'root' ? [] : [`as ${as}`])];
    if (captures.length > 0)
      words.push(`-> ${captures.map((capture) => `${capture.name}=${whenceText(capture)}`).join(', ')}`);
    const details = headers.map(([name, value]) => `  ${name}: ${value}`);
    if (jws !== undefined) details.push(`  jws: ${signerText(jws)}`);
    return [
      words.join(' '),
      ...(body === undefined || json ? [] : [`  ${bytes ? 'bytes' : 'body'}: ${body}`]),
      ...details,
    ];
  });
  return `# ${about}\n${lines.join('\n')}\n`;
}

/** An object or list that ends where the text ends. */
function isWhole(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const root = fileURLToPath(new URL('.', import.meta.url));

/** The written case of this name. */
export function loadCase(name: string): Case | undefined {
  const file = join(root, 'cases', `${name}.case`);
  return existsSync(file) ? parseCase(readFileSync(file, 'utf8'), name) : undefined;
}

/** All written cases, or those of an area, by name. */
export const loadCases = (area?: string): Case[] => casesIn('cases', area);

/** Cases of what only this version has, as far as they are written. */
export const loadOlderCases = (version: string, area?: string): Case[] =>
  existsSync(join(root, `cases-${version}`)) ? casesIn(`cases-${version}`, area) : [];

function casesIn(name: string, area: string | undefined): Case[] {
  const folder = join(root, name);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.case'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const name = join(dirname(relative(folder, file)), basename(file, '.case'));
      return parseCase(readFileSync(file, 'utf8'), name);
    })
    .filter((loaded) => area === undefined || loaded.area === area);
}

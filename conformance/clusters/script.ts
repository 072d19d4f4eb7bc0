/**
 * What is played to a whole cluster, as text: requests to nodes in their roles, and what happens in between.
 *
 *     # What it is about
 *     cluster: seal=shamir reads=off nodes=3 spares=1
 *     active PUT sys/mounts/kv {"type":"kv"}              who, method, path under /v1/, JSON
 *       X-Vault-Index: {{b64:{"value":"1"}}}              (a header; b64: what is in it, in base64)
 *     ~s1 GET sys/metrics as none                         ~: of the body only its presence counts
 *     active POST auth/token/create {} -> tok=.auth.client_token
 *     s1 GET kv/a as $tok                                 $name: what was taken, or a fact about a node ($s1_api)
 *     s1 GET sys/storage/raft/snapshot > first            the body is kept, and shown as an archive
 *     active POST sys/storage/raft/snapshot < first
 *     ! kill active                                       kill, stop, resume, restart, start; wait 3s; roles
 *     ! until s1 GET sys/health 429                       asked again until status (and text) come
 *
 * Roles are `active`, `s1` and `s2` as they were when the script began or at the last `! roles`; a node that was active
 * before that and still is a node is `old`. Nodes also go by their names: n1, n2 …
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ClusterPlan {
  readonly seal: 'static' | 'shamir';
  /** False: disable_standby_reads. */
  readonly reads: boolean;
  readonly nodes: number;
  /** Machines beside the cluster, started by the script; they have no retry_join. */
  readonly spares: number;
}

export interface Ask {
  readonly kind: 'ask';
  /** The line as it stands. */
  readonly text: string;
  readonly who: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly as: string;
  readonly headers: [name: string, value: string][];
  readonly loose: boolean;
  readonly captures: readonly (readonly [name: string, at: string])[];
  readonly keep?: string;
  readonly send?: string;
  /** `until`: asked again until it is so. */
  readonly until?: { readonly status: number; readonly text: string };
}

export interface Event {
  readonly kind: 'event';
  readonly what: string;
  readonly who: string;
}

export type Step = Ask | Event;

export interface Script {
  readonly name: string;
  readonly plan: ClusterPlan;
  readonly steps: readonly Step[];
}

export function parseScript(source: string, name: string): Script {
  const steps: Step[] = [];
  let plan: ClusterPlan = { seal: 'static', reads: true, nodes: 3, spares: 0 };
  for (const [index, line] of source.split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`${name}:${index + 1}: ${why}: ${line}`);
    };
    if (line.trim() === '' || line.startsWith('#')) continue;
    const last = steps.at(-1);
    if (line.startsWith('cluster:')) plan = parsePlan(line.slice(8).trim(), fail);
    else if (line.startsWith('  ')) {
      const [, header = '', value = ''] = /^\s+([\w-]+): ?(.*)$/.exec(line) ?? fail('not a header');
      if (last?.kind !== 'ask') fail('a header without a request');
      else last.headers.push([header, value]);
    } else if (line.startsWith('! until ')) steps.push(parseUntil(line.slice(8), fail));
    else if (line.startsWith('! ')) {
      const [what = '', who = ''] = line.slice(2).trim().split(' ');
      steps.push({ kind: 'event', what, who });
    } else steps.push(parseAsk(line, fail));
  }
  return { name, plan, steps };
}

type Fail = (why: string) => never;

function parsePlan(text: string, fail: Fail): ClusterPlan {
  const given = new Map(text.split(' ').map((pair) => pair.split('=') as [string, string]));
  for (const key of given.keys()) if (!['seal', 'reads', 'nodes', 'spares'].includes(key)) fail('unknown option');
  return {
    seal: given.get('seal') === 'shamir' ? 'shamir' : 'static',
    reads: given.get('reads') !== 'off',
    nodes: Number(given.get('nodes') ?? 3),
    spares: Number(given.get('spares') ?? 0),
  };
}

function parseUntil(line: string, fail: Fail): Ask {
  const [, ask = '', status = '', text = ''] = /^(.*?) (\d{1,3})(?: (.*))?$/.exec(line) ?? fail('not an until');
  return { ...parseAsk(ask, fail), until: { status: Number(status), text } };
}

const ASK = /^(~?)(\w+) ([A-Z]+) (\S+)((?: [{["].*?)?)(?: as (\S+))?(?: < (\w+))?(?: > (\w+))?(?: -> (\S+))?$/;

function parseAsk(text: string, fail: Fail): Ask {
  const [, loose, who = '', method = '', path = '', body = '', as, send, keep, captures] =
    ASK.exec(text) ?? fail('not a request');
  return {
    kind: 'ask',
    text,
    who,
    method,
    path,
    ...(body === '' ? {} : { body: body.trim() }),
    as: as ?? 'root',
    headers: [],
    loose: loose === '~',
    captures: (captures ?? '')
      .split(',')
      .filter(Boolean)
      .map((item) => item.split('=') as [string, string]),
    ...(keep === undefined ? {} : { keep }),
    ...(send === undefined ? {} : { send }),
  };
}

const folder = fileURLToPath(new URL('scripts', import.meta.url));

export function scriptNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.script'))
    .map((file) => basename(file, '.script'))
    .sort();
}

export function loadScript(name: string): Script {
  return parseScript(readFileSync(`${folder}/${name}.script`, 'utf8'), name);
}

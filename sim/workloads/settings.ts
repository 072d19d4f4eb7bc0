/**
 * A client that changes settings, one after another and each to a number larger than all before, through any node.
 * Once all is calm, every node must answer with the last acknowledged number or a later one: what a node keeps in
 * memory must not outlive a change that was made elsewhere. A change without an answer may come true at any time.
 */
import type { JsonObject } from '../../core/codec/json.ts';
import { parseDuration } from '../../core/codec/duration.ts';
import { type Runtime, SECOND } from '../../core/runtime.ts';
import { answered, HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, around, type Workload } from './workload.ts';

export interface Setting {
  readonly what: string;
  readonly path: string;
  /** What follows the path, where each change makes one more thing instead of changing one. */
  readonly last?: (value: number) => string;
  /** Where it is read, if not where it is written. */
  readonly shownAt?: string;
  body(value: number): JsonObject;
  /** What stands in the answer before the number. */
  readonly shown: RegExp;
  /** What the number that is sent is larger than the change's own. */
  readonly more?: number;
}

/** One for each kind of thing that nodes keep in memory. */
const SETTINGS: readonly Setting[] = [
  {
    what: 'a policy',
    path: 'sys/policies/acl/settings',
    body: (value) => ({ policy: `path "n/${value}" { capabilities = ["read"] }` }),
    shown: /n\/(\d+)/,
  },
  {
    what: 'the configuration of KV',
    path: 'secret/config',
    // The versions of the secrets are to stay.
    more: 100,
    body: (value) => ({ max_versions: value }),
    shown: /"max_versions":(\d+)/,
  },
  {
    what: 'the tuning of a mount',
    path: 'sys/mounts/secret/tune',
    body: (value) => ({ description: `n${value}` }),
    shown: /"description":"n(\d+)"/,
  },
  {
    what: 'the role of a token',
    path: 'auth/token/roles/settings',
    body: (value) => ({ token_explicit_max_ttl: value }),
    shown: /"token_explicit_max_ttl":(\d+)/,
  },
  {
    what: 'the metadata of a secret',
    path: 'secret/metadata/settings',
    body: (value) => ({ custom_metadata: { n: String(value) } }),
    shown: /"n":"(\d+)"/,
  },
  {
    what: 'the tuning of an auth method',
    path: 'sys/auth/token/tune',
    body: (value) => ({ description: `n${value}` }),
    shown: /"description":"n(\d+)"/,
  },
  {
    what: 'an entity',
    path: 'identity/entity/name/settings',
    body: (value) => ({ metadata: { n: String(value) } }),
    shown: /"n":"(\d+)"/,
  },
  {
    what: 'a group',
    path: 'identity/group/name/settings',
    body: (value) => ({ metadata: { n: String(value) } }),
    shown: /"n":"(\d+)"/,
  },
  {
    what: 'a quota',
    path: 'sys/quotas/rate-limit/settings',
    // More than anybody asks for.
    more: 1_000_000,
    body: (value) => ({ rate: value }),
    shown: /"rate":(\d+)/,
  },
  {
    what: 'the configuration of CORS',
    path: 'sys/config/cors',
    body: (value) => ({ allowed_origins: [`http://n${value}`] }),
    shown: /http:\/\/n(\d+)/,
  },
  {
    what: 'the configuration of OIDC',
    path: 'identity/oidc/config',
    body: (value) => ({ issuer: `http://n${value}` }),
    shown: /"issuer":"http:\/\/n(\d+)/,
  },
  {
    what: 'a namespace',
    path: 'sys/namespaces/settings',
    body: (value) => ({ custom_metadata: { n: String(value) } }),
    shown: /"n":"(\d+)"/,
  },
];

export interface SettingsOptions {
  /** The pause between two changes: uniform between half and one and a half times this. */
  readonly every: string;
  readonly timeout?: string;
  /** Among whom the settings are divided. Default 1. */
  readonly clients?: number;
  /** Beside those that every cluster has: what `furnishSettings` gave. */
  readonly more?: readonly Setting[];
}

/** Needs KV v2 at secret/. */
export const settings = (options: SettingsOptions): Workload => ({
  start(simulation, cluster) {
    const known: Known = { last: new Map(), unsure: new Map() };
    const all = [...SETTINGS, ...(options.more ?? [])];
    for (const setting of all) cluster.claims.push(claimOf(setting, known));
    const { clients = 1 } = options;
    for (let client = 0; client < clients; client++) {
      const own = all.filter((_, index) => index % clients === client);
      simulation.client().start((runtime) => change(runtime, simulation, cluster, options, own, known));
    }
  },
});

/** What the client knows of its changes. */
interface Known {
  /** The last that was acknowledged. */
  readonly last: Map<Setting, number>;
  /** Those without an answer. */
  readonly unsure: Map<Setting, Set<number>>;
}

const claimOf = (setting: Setting, { last, unsure }: Known): Cluster['claims'][number] => ({
  what: `${setting.what} is as it was last set`,
  path: setting.shownAt ?? setting.path,
  holds: (_status, body) => {
    const least = last.get(setting);
    const shown = Number(setting.shown.exec(body)?.[1] ?? -1) - (setting.more ?? 0);
    return least === undefined || shown >= least || unsure.get(setting)?.has(shown) === true;
  },
});

async function change(
  runtime: Runtime,
  simulation: Simulation,
  cluster: Cluster,
  options: SettingsOptions,
  own: readonly Setting[],
  { last, unsure }: Known,
): Promise<never> {
  const { clock, random } = runtime;
  const pause = parseDuration(options.every);
  const timeout = options.timeout === undefined ? 2 * SECOND : parseDuration(options.timeout);
  const http = new HttpClient(runtime, { timeout, token: cluster.keys.rootToken });
  for (let value = 1; ; value++) {
    await clock.sleep(around(pause, random));
    if (simulation.resting) continue;
    const setting = own[random.below(own.length)]!;
    const address = cluster.address(anyNode(cluster, runtime));
    // Whoever looks at a setting has it in memory from then on.
    const reader = cluster.address(anyNode(cluster, runtime));
    await answered(http.request(reader, 'GET', `/v1/${setting.shownAt ?? setting.path}`));
    const { status, json } = await answered(
      http.request(address, 'POST', `/v1/${setting.path}${setting.last?.(value) ?? ''}`, {
        body: setting.body(value + (setting.more ?? 0)),
      }),
    );
    // A mount of KV v2 that was just made says so for a moment, on standbys as long as they have not heard of its upgrade.
    if (status === 400 && /for a brief period/.test(JSON.stringify(json))) continue;
    if (status === 400 || status === 405) throw new StoryFailure(`${setting.what} cannot be set: ${status}`);
    if (status === 200 || status === 204) last.set(setting, value);
    else if (status === 0 || status >= 300) unsure.set(setting, (unsure.get(setting) ?? new Set()).add(value));
  }
}

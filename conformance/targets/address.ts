/** A server that somebody else runs: it is asked what a dev server is asked, and tidied after each case. */
import { Client } from '../client.ts';
import { parseKeepingNumbers } from '../canonical.ts';
import type { Target } from './target.ts';
import { TargetError } from './target.ts';

export async function address(url: string, token: string | undefined): Promise<Target> {
  if (token === undefined || token === '') throw new TargetError(`target ${url} wants a token: BAO_TOKEN`);
  if (!URL.canParse(url)) throw new TargetError(`target ${url} is not an address like https://127.0.0.1:8200`);
  const plain = url.replace(/\/$/, '');
  const client = new Client(plain, 5_000);
  const { status, body } = await client.send({ method: 'GET', path: '/v1/sys/health', headers: [], body: undefined });
  if (status === 0) throw new TargetError(`no answer from ${url}`);
  const health = parseKeepingNumbers(body) as { readonly version?: string; readonly sealed?: boolean } | undefined;
  if (health?.version === undefined) throw new TargetError(`${url} answers, but not as OpenBao does`);
  if (status !== 200) throw new TargetError(`${url} is not active and unsealed (sys/health: ${status})`);
  const housekeeper = new Housekeeper(client, token);
  const before = await housekeeper.look();
  if (before === undefined) throw new TargetError(`${url} does not take the token of BAO_TOKEN`);
  return {
    name: url,
    kinds: ['dev'],
    shared: true,
    start: () =>
      Promise.resolve({
        addresses: [plain],
        token,
        version: health.version!,
        alive: () => true,
        stop: () => housekeeper.tidy(before),
      }),
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

/** What cases make that outlives them, and where it is listed. */
const THINGS: readonly (readonly [list: string, remove: string])[] = [
  ['GET sys/mounts', 'sys/mounts/'],
  ['GET sys/auth', 'sys/auth/'],
  ['GET sys/audit', 'sys/audit/'],
  ['LIST sys/policies/acl', 'sys/policies/acl/'],
  ['LIST sys/policies/password', 'sys/policies/password/'],
  ['LIST sys/quotas/rate-limit', 'sys/quotas/rate-limit/'],
  ['LIST sys/namespaces', 'sys/namespaces/'],
  ['LIST identity/entity/id', 'identity/entity/id/'],
  ['LIST identity/group/id', 'identity/group/id/'],
  ['LIST auth/token/roles', 'auth/token/roles/'],
];

class Housekeeper {
  readonly #client: Client;
  readonly #token: string;

  constructor(client: Client, token: string) {
    this.#client = client;
    this.#token = token;
  }

  /** Everything there is, as paths that a DELETE removes; undefined when the token may not look. */
  async look(): Promise<Set<string> | undefined> {
    const found = new Set<string>();
    for (const [list, remove] of THINGS) {
      const [method = '', path = ''] = list.split(' ');
      const { status, body } = await this.#ask(method, path);
      if (status === 403) return undefined;
      const data = (parseKeepingNumbers(body) as { readonly data?: { readonly keys?: readonly string[] } } | undefined)
        ?.data;
      const names = method === 'LIST' ? (data?.keys ?? []) : Object.keys(data ?? {});
      for (const name of names) found.add(remove + name.replace(/\/$/, ''));
    }
    return found;
  }

  async tidy(before: ReadonlySet<string>): Promise<void> {
    for (const path of (await this.look()) ?? []) if (!before.has(path)) await this.#ask('DELETE', path);
  }

  #ask(method: string, path: string): ReturnType<Client['send']> {
    const headers = [['X-Vault-Token', this.#token] as const];
    return this.#client.send({ method, path: `/v1/${path}`, headers, body: undefined });
  }
}

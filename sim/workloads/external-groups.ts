/**
 * External groups: who is in them is said by logins, each login at a method for that method's groups alone. People log
 * in at two methods with tokens of a provider that name some groups, or none.
 */
import { at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { OpenIdService } from '../services/openid-service.ts';

interface ExternalGroup {
  readonly id: string;
  readonly method: string;
  readonly name: string;
  policies: readonly string[];
  members: readonly string[];
}

const METHODS = ['inside', 'outside'] as const;
const NAMES = ['red', 'green'] as const;

export class ExternalGroups {
  readonly #bao: Cluster;
  readonly #provider: OpenIdService;
  readonly #groups: ExternalGroup[] = [];
  readonly #subjects = new Map<string, string>();

  constructor(cluster: Cluster, provider: OpenIdService) {
    this.#bao = cluster;
    this.#provider = provider;
  }

  /** Gives each entity a name at both methods. */
  async furnish(entities: readonly string[]): Promise<void> {
    const bao = this.#bao;
    for (const method of METHODS) {
      await bao.request('POST', `sys/auth/${method}`, { type: 'jwt' });
      await bao.request('POST', `auth/${method}/config`, { oidc_discovery_url: this.#provider.address });
      const role = { role_type: 'jwt', user_claim: 'sub', groups_claim: 'groups', bound_audiences: 'bao' };
      await bao.request('POST', `auth/${method}/role/r`, role);
      const mount_accessor = at(await bao.request('GET', 'sys/auth'), `${method}/`, 'accessor') as string;
      for (const name of NAMES) {
        const made = await bao.request('POST', 'identity/group', { name: `${method}-${name}`, type: 'external' });
        const id = at(made, 'data', 'id') as string;
        await bao.request('POST', 'identity/group-alias', { name, mount_accessor, canonical_id: id });
        this.#groups.push({ id, method, name, policies: [], members: [] });
      }
      for (const [number, entity] of entities.entries()) {
        const name = `subject${number}`;
        await bao.request('POST', 'identity/entity-alias', { name, mount_accessor, canonical_id: entity });
        this.#subjects.set(entity, name);
      }
    }
  }

  async changePolicies(dice: Stream, policies: readonly string[]): Promise<void> {
    const group = dice.pick(this.#groups);
    await this.#bao.request('POST', `identity/group/id/${group.id}`, { policies });
    group.policies = policies;
  }

  /** Whoever is disabled does not get in, and stays where they are. */
  async login(dice: Stream, entity: string, disabled: boolean): Promise<void> {
    const method = dice.pick(METHODS);
    const groups = dice.shuffle(NAMES).slice(0, dice.below(NAMES.length + 1));
    const jwt = this.#provider.api.token({ sub: this.#subjects.get(entity)!, aud: 'bao', groups });
    const { status } = await this.#bao.ask('POST', `auth/${method}/login`, { body: { role: 'r', jwt } });
    if (status !== (disabled ? 403 : 200))
      throw new StoryFailure(`a login of somebody ${disabled ? 'disabled' : 'good'} is answered with ${status}`);
    if (disabled) return;
    for (const group of this.#groups) {
      if (group.method !== method) continue;
      const others = group.members.filter((member) => member !== entity);
      group.members = groups.some((name) => name === group.name) ? [...others, entity] : others;
    }
  }

  /** What the groups of an entity give it. */
  policies(entity: string): string[] {
    return this.#groups.filter(({ members }) => members.includes(entity)).flatMap((group) => group.policies);
  }
}

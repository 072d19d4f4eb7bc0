/**
 * People with tokens, entities, groups of groups and policies, all of which change all the time. After each change the
 * active node lets through what it has to and nothing else, and soon every node does.
 */
import type { JsonObject } from '../../core/codec/json.ts';
import { SECOND } from '../../core/runtime.ts';
import { at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { OpenIdService } from '../services/openid-service.ts';
import type { Simulation } from '../simulation.ts';
import { isAllowed, printRules, type Rule, type Wish } from './acl-model.ts';
import { ExternalGroups } from './external-groups.ts';

interface Person {
  readonly token: string;
  entity: string;
  readonly policies: readonly string[];
}

interface Entity {
  policies: readonly string[];
  disabled: boolean;
  /** Names at the auth method whose users are nobody's tokens. */
  readonly aliases: string[];
}

interface Group {
  readonly id: string;
  policies: readonly string[];
  members: readonly string[];
  /** Ids of groups that are in it. */
  groups: readonly string[];
}

const PEOPLE = 4;
const POLICIES = ['p0', 'p1', 'p2', 'p3', 'p4'] as const;
const PATHS = ['kv/a', 'kv/b', 'kv/d/a', 'kv/d/b', 'kv/d/e/a'] as const;
const PATTERNS = [...PATHS, 'kv/*', 'kv/d/*', 'kv/d/e/*', 'kv/+/a', 'kv/+/b', 'kv/+/*'] as const;
const CAPABILITIES = ['read', 'update', 'create'] as const;
const GUARDED = 'auth/token/accessors/';
const LOOK = SECOND / 4;
const PATIENCE = 8 * SECOND;

export class Rights {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #policies = new Map<string, readonly Rule[]>();
  readonly #people: Person[] = [];
  readonly #entities = new Map<string, Entity>();
  readonly #groups: Group[] = [];
  readonly #external: ExternalGroups;
  #accessor = '';
  #named = 0;
  /** Requests that were let through, and that were not, as they had to be. */
  allowed = 0;
  refused = 0;

  constructor(simulation: Simulation, cluster: Cluster, provider: OpenIdService) {
    this.#external = new ExternalGroups(cluster, provider);
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('rights');
  }

  async furnish(): Promise<void> {
    const bao = this.#bao;
    await bao.mount('kv', 'kv');
    for (const path of PATHS) await bao.request('POST', path, { value: 'canary-rights' });
    await bao.request('POST', 'sys/auth/elsewhere', { type: 'userpass' });
    this.#accessor = at(await bao.request('GET', 'sys/auth'), 'elsewhere/', 'accessor') as string;
    await bao.request('POST', 'auth/token/roles/person', { allowed_entity_aliases: ['*'], orphan: true });
    for (const name of POLICIES) await this.#writePolicy(name);
    for (let person = 0; person < PEOPLE; person++) {
      // Without any it would have root's, who makes it.
      const policies = this.#dice.shuffle(POLICIES).slice(0, 1 + this.#dice.below(2));
      const body = { entity_alias: `person${person}`, policies, no_default_policy: true };
      const made = await bao.request('POST', 'auth/token/create/person', body);
      const entity = at(made, 'auth', 'entity_id') as string;
      this.#people.push({ token: at(made, 'auth', 'client_token') as string, entity, policies });
      this.#entities.set(entity, { policies: [], disabled: false, aliases: [] });
    }
    await this.#external.furnish(this.#people.map(({ entity }) => entity));
    for (const name of ['inner', 'middle', 'outer']) {
      const made = await bao.request('POST', 'identity/group', { name });
      this.#groups.push({ id: at(made, 'data', 'id') as string, policies: [], members: [], groups: [] });
    }
  }

  /** Some changes, each of which has to be answered, and a look at what follows. */
  async round(): Promise<void> {
    const changes = [
      () => this.#writePolicy(this.#dice.pick(POLICIES)),
      () => this.#changeGroup(),
      () => this.#changeGroup(),
      () => this.#changeEntity(),
      () => this.#merge(),
      () => this.#login(),
      () => this.#login(),
      () => this.#external.changePolicies(this.#dice, this.#some(POLICIES, 2)),
    ];
    for (let change = 0; change < 4; change++) {
      await this.#dice.pick(changes)();
      await this.#look(this.#bao.leader, this.#dice.pick(this.#people), this.#wish());
    }
    for (const person of this.#people) {
      for (let look = 0; look < 4; look++) {
        const wish = this.#wish();
        for (const node of this.#bao.names) await this.#look(node, person, wish);
      }
    }
    for (const person of this.#people) await this.#lookAtCapabilities(person);
    await this.#lookForAliases();
  }

  /** What the server says that one may do is what he may. */
  async #lookAtCapabilities({ token, ...person }: Person): Promise<void> {
    const path = this.#dice.pick(PATHS);
    const { status, json } = await this.#bao.ask('POST', 'sys/capabilities', { body: { token, paths: [path] } });
    const { disabled } = this.#entities.get(person.entity)!;
    const told = (at(json, 'data', path) ?? []) as readonly string[];
    const may = this.#may({ token, ...person }, { path, capability: 'read', sudo: false, fields: [] });
    if (status !== (disabled ? 400 : 200) || told.includes('read') !== may)
      throw new StoryFailure(
        `${status}, ${told.join()} on ${path} is told of one who ${may ? 'may' : 'may not'} read it${disabled ? ', disabled' : ''}`,
      );
  }

  #some<T>(from: readonly T[], most: number): T[] {
    return this.#dice.shuffle(from).slice(0, this.#dice.below(most + 1));
  }

  async #writePolicy(name: string): Promise<void> {
    const rules = this.#dice
      .shuffle(PATTERNS)
      .slice(0, 5)
      .map((pattern): Rule => {
        if (this.#dice.below(5) === 0) return { pattern, capabilities: ['deny'], denied: [] };
        const capabilities = this.#dice.shuffle(CAPABILITIES).slice(0, 1 + this.#dice.below(3));
        return { pattern, capabilities, denied: this.#dice.below(3) === 0 ? ['Secret'] : [] };
      });
    const guarded = this.#dice.pick([[], ['list'], ['list', 'sudo']]);
    if (guarded.length > 0) rules.push({ pattern: GUARDED, capabilities: guarded, denied: [] });
    await this.#bao.request('POST', `sys/policies/acl/${name}`, { policy: printRules(rules) });
    this.#policies.set(name, rules);
  }

  async #changeGroup(): Promise<void> {
    const number = this.#dice.below(this.#groups.length);
    const group = this.#groups[number]!;
    const policies = this.#some(POLICIES, 2);
    const members = this.#some([...this.#entities.keys()], 2);
    // Only of those before it, so that none is in itself.
    const groups = this.#some(
      this.#groups.slice(0, number).map(({ id }) => id),
      1,
    );
    const body = { policies, member_entity_ids: members, member_group_ids: groups };
    await this.#bao.request('POST', `identity/group/id/${group.id}`, body);
    Object.assign(group, { policies, members, groups });
  }

  async #changeEntity(): Promise<void> {
    const [id, entity] = this.#dice.pick([...this.#entities]);
    const policies = this.#some(POLICIES, 1);
    const disabled = this.#dice.below(4) === 0;
    await this.#bao.request('POST', `identity/entity/id/${id}`, { policies, disabled });
    Object.assign(entity, { policies, disabled });
  }

  /** Somebody without a token, with names at another method, becomes one with somebody who has. */
  async #merge(): Promise<void> {
    const bao = this.#bao;
    // Two names at one method would be in each other's way.
    const nameless = [...this.#entities].filter(([, { aliases }]) => aliases.length === 0);
    if (nameless.length === 0) return;
    const [id, entity] = this.#dice.pick(nameless);
    const made = await bao.request('POST', 'identity/entity', { name: `merged${++this.#named}` });
    const from = at(made, 'data', 'id') as string;
    const name = `alias${this.#named}`;
    const alias = { name, canonical_id: from, mount_accessor: this.#accessor };
    await bao.request('POST', 'identity/entity-alias', alias);
    const group = this.#dice.pick(this.#groups);
    const { members } = group;
    await bao.request('POST', `identity/group/id/${group.id}`, { member_entity_ids: [...members, from] });
    await bao.request('POST', 'identity/entity/merge', { from_entity_ids: [from], to_entity_id: id });
    entity.aliases.push(name);
    group.members = [...new Set([...members, id])];
  }

  async #login(): Promise<void> {
    const { entity } = this.#dice.pick(this.#people);
    await this.#external.login(this.#dice, entity, this.#entities.get(entity)!.disabled);
  }

  async #lookForAliases(): Promise<void> {
    for (const [id, { aliases }] of this.#entities) {
      for (const alias_name of aliases) {
        const body: JsonObject = { alias_name, alias_mount_accessor: this.#accessor };
        const { json } = await this.#bao.ask('POST', 'identity/lookup/entity', { body });
        if (at(json, 'data', 'id') !== id)
          throw new StoryFailure(`${alias_name} is not ${id}: ${JSON.stringify(json)}`);
      }
    }
  }

  #wish(): Wish {
    if (this.#dice.below(8) === 0) return { path: GUARDED, capability: 'list', sudo: true, fields: [] };
    const path = this.#dice.pick(PATHS);
    if (this.#dice.below(2) === 0) return { path, capability: 'read', sudo: false, fields: [] };
    return { path, capability: 'update', sudo: false, fields: [this.#dice.pick(['value', 'secret', 'SECRET'])] };
  }

  #may({ entity: id, policies }: Person, wish: Wish): boolean {
    const entity = this.#entities.get(id)!;
    if (entity.disabled) return false;
    const inside = new Set(this.#groups.filter(({ members }) => members.includes(id)));
    for (const group of this.#groups)
      if (group.groups.some((inner) => [...inside].some((one) => one.id === inner))) inside.add(group);
    const given = [...this.#external.policies(id), ...[...inside].flatMap((group) => group.policies)];
    const names = new Set([...policies, ...entity.policies, ...given]);
    return isAllowed(
      [...names].flatMap((name) => this.#policies.get(name) ?? []),
      wish,
    );
  }

  /** The active node knows at once; the others may still have to hear of it. */
  async #look(node: string, person: Person, wish: Wish): Promise<void> {
    const may = this.#may(person, wish);
    const ask = async (): Promise<number> => {
      const { token } = person;
      if (wish.capability === 'list') return (await this.#bao.ask('LIST', wish.path, { node, token })).status;
      if (wish.capability === 'read') return (await this.#bao.ask('GET', wish.path, { node, token })).status;
      const body = Object.fromEntries(wish.fields.map((field) => [field, 'canary-rights']));
      return (await this.#bao.ask('POST', wish.path, { node, token, body })).status;
    };
    const isRight = (status: number): boolean => (may ? status === 200 || status === 204 : status === 403);
    const what = (status: number): string =>
      `${node} answers ${status} to ${wish.capability} of ${wish.path} with ${wish.fields.join()}: it is ${may ? 'allowed' : 'forbidden'}`;
    let status = await ask();
    if (!isRight(status) && node === this.#bao.leader) throw new StoryFailure(what(status));
    const end = this.#sim.world.now + PATIENCE;
    while (!isRight(status) && this.#sim.world.now < end) {
      await this.#sim.sleep(LOOK);
      status = await ask();
    }
    if (!isRight(status)) throw new StoryFailure(what(status));
    if (may) this.allowed++;
    else this.refused++;
  }
}

/**
 * People who log in with a name and a password: of a method that keeps both itself (userpass), and of two that ask
 * others (a directory, a RADIUS server) and keep what is theirs here. A model says who gets in, with which policies, and
 * whose token is renewed.
 */
import { type Answered, at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import { DirectoryServer } from '../services/directory-server.ts';
import { RadiusServer } from '../services/radius-server.ts';
import type { Simulation } from '../simulation.ts';
import { soonRight } from '../soon.ts';

const NAMES = ['alice', 'bob', 'carol'] as const;
const GROUPS = ['red', 'green'] as const;
const POLICIES = ['p1', 'p2', 'p3'] as const;
const METHODS = ['userpass', 'ldap', 'radius'] as const;
/** Of whom RADIUS lets in and the method does not know. */
const OTHERS = ['p3', 'p4'];

interface Person {
  readonly method: (typeof METHODS)[number];
  readonly name: string;
  /** Whether the method knows it; directory and server know everybody. */
  known: boolean;
  password: string;
  policies: readonly string[];
  groups: readonly string[];
}

interface Token {
  readonly id: string;
  readonly of: Person;
  readonly policies: string;
}

export class People {
  /** For what goes wrong with it. */
  readonly server: RadiusServer;
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #directory: DirectoryServer;
  readonly #people: readonly Person[];
  /** Of the directory's groups. */
  readonly #groups = new Map<string, readonly string[]>();
  #tokens: Token[] = [];
  #passwords = 0;
  /** Logins that were let in, and that were not, as they had to be. */
  admitted = 0;
  refused = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('people');
    this.#directory = new DirectoryServer(simulation, NAMES);
    this.server = new RadiusServer(simulation, NAMES);
    const nobody = { known: false, policies: [], groups: [] };
    this.#people = METHODS.flatMap((method) =>
      // Each password that is kept here costs a bcrypt.
      NAMES.slice(0, method === 'ldap' ? 3 : 2).map((name): Person => ({
        method,
        name,
        password: method === 'userpass' ? '' : name,
        ...nobody,
      })),
    );
  }

  async furnish(): Promise<void> {
    for (const method of METHODS) {
      await this.#bao.request('POST', `sys/auth/${method}`, { type: method });
      // Whoever fails too often is another story (RADIUS locks nobody out).
      if (method === 'radius') continue;
      await this.#bao.request('POST', `sys/auth/${method}/tune`, { user_lockout_config: { lockout_disable: true } });
    }
    await this.#bao.request('POST', 'auth/ldap/config', { ...this.#directory.config, request_timeout: 5 });
    const settings = { read_timeout: 1, unregistered_user_policies: OTHERS.join() };
    await this.#bao.request('POST', 'auth/radius/config', { ...this.server.config, ...settings });
    for (const person of this.#people) await this.#change(person);
  }

  async round(): Promise<void> {
    const dice = this.#dice;
    for (let change = 0; change < 3; change++) {
      if (dice.below(3) === 0) await this.#changeGroup(dice.pick(GROUPS));
      else await this.#change(dice.pick(this.#people));
    }
    const [own] = dice.shuffle(this.#people.filter(({ method }) => method === 'userpass'));
    for (const person of this.#people) if (person === own || person.method !== 'userpass') await this.#logIn(person);
    for (const token of this.#tokens) await this.#renew(token);
    this.#tokens = this.#tokens.slice(-8);
  }

  /** Names are the same in whatever case, but for RADIUS. */
  #written({ method, name }: Pick<Person, 'method' | 'name'>): string {
    return method === 'radius' || this.#dice.below(2) === 0 ? name : name.toUpperCase();
  }

  #some(all: readonly string[]): readonly string[] {
    return all.filter(() => this.#dice.below(2) === 0);
  }

  async #change(person: Person): Promise<void> {
    const { method, name } = person;
    const path = `auth/${method}/users/`;
    if (person.known && this.#dice.below(4) === 0) {
      await this.#bao.request('DELETE', path + name);
      Object.assign(person, { known: false, policies: [], groups: [] });
      return;
    }
    if (method === 'ldap') {
      person.groups = this.#some(GROUPS);
      person.policies = this.#some(POLICIES);
      const groups = person.groups.map((group) => this.#written({ method, name: group }));
      await this.#bao.request('POST', path + this.#written(person), { policies: person.policies, groups });
    } else if (method === 'radius') {
      person.policies = this.#some(POLICIES);
      await this.#bao.request('POST', path + name, { policies: person.policies });
    } else {
      const anew = !person.known || this.#dice.below(4) === 0;
      if (anew) person.password = `canary-password-${++this.#passwords}`;
      person.policies = this.#some(POLICIES);
      const body = { token_policies: person.policies, ...(anew && { password: person.password }) };
      await this.#bao.request('POST', path + this.#written(person), body);
    }
    person.known = true;
  }

  async #changeGroup(group: string): Promise<void> {
    const policies = this.#some(POLICIES);
    if (policies.length === 0) await this.#bao.request('DELETE', `auth/ldap/groups/${group}`);
    else
      await this.#bao.request('POST', `auth/ldap/groups/${this.#written({ method: 'ldap', name: group })}`, {
        policies,
      });
    this.#groups.set(group, policies);
  }

  #policiesOf({ method, known, policies, groups }: Person): string {
    if (method === 'radius' && !known) return ['default', ...OTHERS].join();
    const theirs = groups.flatMap((group) => this.#groups.get(group) ?? []);
    return [...new Set(['default', ...policies, ...theirs])].sort().join();
  }

  /** Directory and server let everybody in that they know; what is filed here only adds to it. */
  #has({ method, known }: Person): boolean {
    if (method === 'radius') return !this.server.away;
    return method === 'ldap' || known;
  }

  /** A datagram that is lost is not sent again: whoever should be let in tries once more. */
  async #answered({ method }: Person, fine: boolean, ask: () => Promise<Answered>): Promise<Answered> {
    const first = await ask();
    return method === 'radius' && fine && first.status === 400 ? ask() : first;
  }

  async #logIn(person: Person): Promise<void> {
    const { method } = person;
    const right = this.#dice.below(4) > 0;
    const password = right ? person.password : 'canary-wrong';
    const node = this.#dice.pick(this.#bao.names);
    const path = `auth/${method}/login/${this.#written(person)}`;
    const fine = right && this.#has(person);
    const policies = fine ? this.#policiesOf(person) : undefined;
    // A standby looks by itself, and may still have to hear of a change.
    await soonRight(this.#sim, this.#bao, node, async () => {
      const { status, json } = await this.#answered(person, fine, () =>
        this.#bao.ask('POST', path, { node, token: '', body: { password } }),
      );
      const given = status === 200 ? (at(json, 'auth', 'policies') as readonly string[]).join() : undefined;
      if (status === 0 || given !== policies)
        return `${path} with ${right ? 'the right' : 'a wrong'} password gives ${given ?? status}, not ${policies ?? 'a refusal'}`;
      if (given !== undefined)
        this.#tokens.push({ id: at(json, 'auth', 'client_token') as string, of: person, policies: given });
      return undefined;
    });
    if (fine) this.admitted++;
    else this.refused++;
  }

  /** Only who still is who he was then. */
  async #renew({ id, of, policies }: Token): Promise<void> {
    const fine = this.#has(of) && this.#policiesOf(of) === policies;
    const { status, json } = await this.#answered(of, fine, () =>
      this.#bao.ask('POST', 'auth/token/renew-self', { token: id }),
    );
    if ((status === 200) !== fine || status === 0)
      throw new StoryFailure(
        `a token of ${of.name} of ${of.method} with ${policies}, who has ${this.#policiesOf(of)} now, is ${fine ? 'not ' : ''}renewed: ${status} ${JSON.stringify(json)}`,
      );
  }
}

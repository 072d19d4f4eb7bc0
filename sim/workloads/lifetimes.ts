/**
 * Tokens of all kinds and what they are lent, made, renewed, used up and revoked one after another. A model says which
 * of them live, how long each has left, and what goes with whom; nodes are asked about all of it again and again.
 */
import type { JsonObject } from '../../core/codec/json.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import { type Answered, at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { SqlServer } from '../services/sql-server.ts';
import type { Simulation } from '../simulation.ts';
import { soonRight } from '../soon.ts';
import { describe, ends, type Life, type Role, seconds } from './life.ts';
import { grant, lesser, type MountTtls, NO_TERMS, type Terms } from './lifetime-model.ts';

const MOST_ALIVE = 14;
const MOUNT: MountTtls = { usual: 40 * SECOND, most: 100 * SECOND };
/** Of credentials of the database. */
const LENT: Terms = { ...NO_TERMS, ttl: 25 * SECOND, most: 60 * SECOND };
const DATABASE: MountTtls = { usual: 768 * 3600 * SECOND, most: 768 * 3600 * SECOND };
/** Upstream counts in whole seconds, and answers take their time. */
const SLACK = 2 * SECOND;
/** What is due may be late by so much. */
const LATE = 6 * SECOND;

export class Lifetimes {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #db: SqlServer;
  readonly #dice: Stream;
  readonly #vain: Stream;
  readonly #roles: Role[] = [
    { name: 'periodic', type: 'service', orphan: true, renewable: true, uses: 0, period: 15 * SECOND, explicitMost: 0 },
    { name: 'bounded', type: 'service', orphan: false, renewable: true, uses: 0, period: 0, explicitMost: 45 * SECOND },
    { name: 'counted', type: 'service', orphan: true, renewable: false, uses: 3, period: 0, explicitMost: 0 },
    { name: 'batch', type: 'batch', orphan: true, renewable: false, uses: 0, period: 0, explicitMost: 0 },
  ];
  #lives: Life[] = [];
  /** What was seen alive and gone, as it had to be. */
  alive = 0;
  gone = 0;

  constructor(simulation: Simulation, cluster: Cluster, db: SqlServer) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#db = db;
    this.#dice = simulation.world.random('lifetimes');
    this.#vain = simulation.world.random('lifetimes in vain');
  }

  async furnish(): Promise<void> {
    const bao = this.#bao;
    await bao.request('POST', 'sys/auth/token/tune', {
      default_lease_ttl: seconds(MOUNT.usual),
      max_lease_ttl: seconds(MOUNT.most),
    });
    const policy =
      'path "auth/token/*" { capabilities = ["create", "update", "read", "sudo"] } path "database/*" { capabilities = ["read"] }';
    await bao.request('PUT', 'sys/policies/acl/life', { policy });
    await bao.mount('database', 'database');
    await bao.request('POST', 'database/config/db', this.#db.config);
    await bao.request('POST', 'database/roles/app', {
      db_name: 'db',
      creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
      default_ttl: seconds(LENT.ttl),
      max_ttl: seconds(LENT.most),
    });
    for (const role of this.#roles) await this.#writeRole(role);
  }

  /** Some of all that can be done, a pause, and a look. */
  async round(): Promise<void> {
    const living = this.#living();
    for (let made = 0; made < 3 && living.length + made < MOST_ALIVE; made++) await this.#make();
    if (this.#dice.below(2) === 0) await this.#lend();
    if (this.#dice.below(4) === 0) await this.#changeRole();
    for (const life of this.#dice.shuffle(this.#living()).slice(0, 5)) await this.#renew(life);
    if (this.#dice.below(2) === 0) await this.#revoke();
    await this.#useUp();
    await this.#tryInVain();
    if (this.#vain.below(3) === 0) await this.#tidy();
    await this.#sim.sleep(this.#dice.between(1, 5) * SECOND);
    for (const life of this.#lives) await this.#look(life);
    this.#lives = this.#lives.filter(({ buried }) => buried < 2);
  }

  get #now(): Micros {
    return this.#sim.world.now;
  }

  /** Those that certainly live, and will for a moment. */
  #living(): Life[] {
    return this.#lives.filter((life) => ends(life) > this.#now + SLACK);
  }

  async #writeRole({ name, type, orphan, renewable, uses, period, explicitMost }: Role): Promise<void> {
    await this.#bao.request('POST', `auth/token/roles/${name}`, {
      token_type: type,
      orphan,
      renewable,
      token_num_uses: uses,
      token_period: seconds(period),
      token_explicit_max_ttl: seconds(explicitMost),
    });
  }

  /** What it says now counts at the next renewal of tokens that it had already. */
  async #changeRole(): Promise<void> {
    const role = this.#dice.pick(this.#roles.slice(0, 2));
    if (role.name === 'periodic') role.period = this.#dice.between(10, 25) * SECOND;
    role.explicitMost = this.#dice.between(0, 3) * 20 * SECOND;
    await this.#writeRole(role);
  }

  async #make(): Promise<void> {
    const dice = this.#dice;
    const role = dice.below(3) === 0 ? dice.pick(this.#roles) : undefined;
    const parents = this.#living().filter(({ kind, uses }) => kind === 'service' && uses === 0);
    const parent = parents.length > 0 && dice.below(3) > 0 ? dice.pick(parents) : undefined;
    const type = role?.type ?? (dice.below(3) === 0 ? 'batch' : 'service');
    const terms: Terms = {
      ttl: dice.pick([0, 10, 20, 30, 60, 150]) * SECOND,
      most: 0,
      explicitMost: type === 'service' && dice.below(3) === 0 ? dice.between(20, 80) * SECOND : 0,
      period: type === 'service' && dice.below(3) === 0 ? dice.between(8, 25) * SECOND : 0,
    };
    let uses = type === 'service' && dice.below(4) === 0 ? dice.between(1, 4) : 0;
    // Of what is asked for and what the role says the smaller counts.
    if (role !== undefined && role.uses > 0 && this.#vain.below(2) === 0) uses = this.#vain.between(1, 2 * role.uses);
    const orphan = dice.below(4) === 0;
    const renewable = dice.below(6) > 0;
    const body: JsonObject = {
      policies: ['life'],
      ...(role === undefined && { type }),
      ...(terms.ttl > 0 && { ttl: seconds(terms.ttl) }),
      ...(terms.explicitMost > 0 && { explicit_max_ttl: seconds(terms.explicitMost) }),
      ...(terms.period > 0 && { period: seconds(terms.period) }),
      ...(uses > 0 && { num_uses: uses }),
      ...(orphan && { no_parent: true }),
      renewable,
    };
    const path = role === undefined ? 'auth/token/create' : `auth/token/create/${role.name}`;
    const answer = await this.#asLiving(parent, 'POST', path, body);
    if (answer === undefined) return;
    const ruled: Terms = {
      ...terms,
      explicitMost: lesser(terms.explicitMost, role?.explicitMost ?? 0),
      period: lesser(terms.period, role?.period ?? 0),
    };
    const life: Life = {
      kind: type,
      id: at(answer.json, 'auth', 'client_token') as string,
      accessor: at(answer.json, 'auth', 'accessor') as string,
      user: '',
      password: '',
      parent: (role?.orphan ?? orphan) ? undefined : parent,
      orphan: role?.orphan ?? orphan,
      role,
      renewable: type === 'service' && renewable && (role?.renewable ?? true),
      begun: this.#now,
      terms: ruled,
      last: 0,
      expires: 0,
      revoked: Infinity,
      uses: lesser(uses, role?.uses ?? 0),
      buried: 0,
    };
    this.#granted(life, grant(ruled, MOUNT, 0), at(answer.json, 'auth', 'lease_duration'), 'it was made');
    this.#lives.push(life);
  }

  /** Whoever lives may ask; undefined: nobody did. A parent of the operator's is the root token. */
  async #asLiving(
    who: Life | undefined,
    method: string,
    path: string,
    body?: JsonObject,
  ): Promise<Answered | undefined> {
    const as = who === undefined ? {} : { token: who.id };
    const answer = await this.#bao.ask(method, path, { ...as, ...(body !== undefined && { body }) });
    if (who !== undefined && who.uses > 0) this.#used(who);
    if (answer.status === 200) return answer;
    throw new StoryFailure(`${path} of ${describe(who, this.#now)}: ${answer.status} ${JSON.stringify(answer.json)}`);
  }

  #used(life: Life): void {
    life.uses--;
    if (life.uses === 0) life.revoked = Math.min(life.revoked, this.#now);
  }

  #granted(life: Life, wanted: Micros, shown: unknown, when: string): void {
    if (typeof shown !== 'number' || Math.abs(shown * SECOND - wanted) > SLACK)
      throw new StoryFailure(
        `${describe(life, this.#now)} was given ${String(shown)} s instead of ${seconds(wanted)} when ${when}`,
      );
    life.last = wanted;
    life.expires = this.#now + wanted;
  }

  async #lend(): Promise<void> {
    const holders = this.#living().filter(({ kind, uses }) => kind !== 'lease' && uses === 0);
    if (holders.length === 0) return;
    const holder = this.#dice.pick(holders);
    const answer = await this.#asLiving(holder, 'GET', 'database/creds/app');
    if (answer === undefined) return;
    const life: Life = {
      kind: 'lease',
      id: answer.json['lease_id'] as string,
      accessor: '',
      user: at(answer.json, 'data', 'username') as string,
      password: at(answer.json, 'data', 'password') as string,
      parent: holder,
      orphan: false,
      role: undefined,
      renewable: true,
      begun: this.#now,
      terms: LENT,
      last: 0,
      expires: 0,
      revoked: Infinity,
      uses: 0,
      buried: 0,
    };
    this.#granted(life, this.#withHolder(life, grant(LENT, DATABASE, 0)), answer.json['lease_duration'], 'it was lent');
    this.#lives.push(life);
  }

  /** What a batch token is lent never lasts longer than that token; a service token takes it along when it ends. */
  #withHolder({ parent }: Life, wanted: Micros): Micros {
    return parent?.kind === 'batch' ? Math.min(wanted, parent.expires - this.#now) : wanted;
  }

  async #renew(life: Life): Promise<void> {
    const increment = this.#dice.pick([0, 10, 30, 50, 200]) * SECOND;
    const { kind, id, accessor } = life;
    const [path, body, caller]: readonly [string, JsonObject, Life | undefined] =
      kind === 'lease'
        ? ['sys/leases/renew', { lease_id: id }, undefined]
        : this.#dice.pick([
            ['auth/token/renew', { token: id }, undefined] as const,
            ['auth/token/renew-self', {}, life] as const,
            ['auth/token/renew-accessor', { accessor }, undefined] as const,
          ]);
    if (kind === 'batch' && accessor === '' && path.endsWith('accessor')) return;
    const { role } = life;
    const terms =
      role === undefined ? life.terms : { ...life.terms, period: role.period, explicitMost: role.explicitMost };
    const age = this.#now - life.begun;
    const wanted = this.#withHolder(
      life,
      kind === 'lease' ? grant(terms, DATABASE, age, increment) : grant(terms, MOUNT, age, increment || life.last),
    );
    const token = caller === undefined ? {} : { token: id };
    // Its last use leaves nothing to renew.
    const spent = caller?.uses === 1;
    const answer = await this.#bao.ask('POST', path, { ...token, body: { ...body, increment: seconds(increment) } });
    if (caller !== undefined && life.uses > 0) this.#used(life);
    if (spent || !life.renewable || wanted < -SLACK) {
      if (answer.status < 400) throw new StoryFailure(`${describe(life, this.#now)} was renewed by ${path}`);
      return;
    }
    // So close to its end that either may be right.
    if (wanted < SLACK && answer.status >= 400) return;
    if (answer.status !== 200)
      throw new StoryFailure(
        `${path} of ${describe(life, this.#now)}: ${answer.status} ${JSON.stringify(answer.json)}`,
      );
    life.terms = terms;
    if (path.endsWith('accessor') && at(answer.json, 'auth', 'client_token') !== '')
      throw new StoryFailure(`whoever renews ${describe(life, this.#now)} by its accessor is told the token`);
    const shown = kind === 'lease' ? answer.json['lease_duration'] : at(answer.json, 'auth', 'lease_duration');
    this.#granted(life, wanted, shown, 'it was renewed');
  }

  async #revoke(): Promise<void> {
    const living = this.#living();
    if (living.length === 0) return;
    const life = this.#dice.pick(living);
    const { kind, id, accessor } = life;
    const bao = this.#bao;
    if (kind === 'lease') await bao.request('POST', 'sys/leases/revoke', { lease_id: id, sync: true });
    else if (kind === 'batch') {
      const { status } = await bao.ask('POST', 'auth/token/revoke', { body: { token: id } });
      if (status !== 400) throw new StoryFailure(`the revocation of a batch token is answered with ${status}`);
      return;
    } else {
      const how = this.#dice.below(4);
      if (how === 0) await bao.request('POST', 'auth/token/revoke', { token: id });
      else if (how === 1) await bao.request('POST', 'auth/token/revoke-accessor', { accessor });
      else if (how === 2) await bao.ask('POST', 'auth/token/revoke-self', { token: id });
      else {
        await bao.request('POST', 'auth/token/revoke-orphan', { token: id });
        // What is stored stays behind without a parent; what is only signed cannot.
        for (const child of this.#lives) {
          if (child.parent !== life || child.kind !== 'service') continue;
          child.parent = undefined;
          child.orphan = true;
        }
      }
    }
    life.revoked = this.#now;
  }

  async #useUp(): Promise<void> {
    for (const life of this.#living().filter(({ uses }) => uses > 0)) {
      if (this.#dice.below(3) > 0) continue;
      const { status } = await this.#bao.ask('GET', 'auth/token/lookup-self', { token: life.id });
      if (status !== 200) throw new StoryFailure(`${describe(life, this.#now)} is not good for a use: ${status}`);
      this.#used(life);
    }
  }

  /** Neither who is only signed nor whose uses are counted makes others. */
  async #tryInVain(): Promise<void> {
    const barred = this.#living().filter(({ kind, uses }) => kind === 'batch' || (kind === 'service' && uses > 1));
    if (barred.length === 0) return;
    const life = this.#vain.pick(barred);
    const { status } = await this.#bao.ask('POST', 'auth/token/create', { token: life.id, body: { ttl: '10s' } });
    if (status < 400) throw new StoryFailure(`${describe(life, this.#now)} made another`);
    if (life.uses > 0) this.#used(life);
  }

  async #look(life: Life): Promise<void> {
    const left = ends(life) - this.#now;
    if (left > SLACK) {
      await this.#lookAlive(life);
      this.alive++;
    } else if (left < -LATE) {
      await this.#lookGone(life);
      life.buried++;
      this.gone++;
    }
  }

  #ask({ kind, id }: Life): Promise<Answered> {
    return kind === 'lease'
      ? this.#bao.ask('POST', 'sys/leases/lookup', { body: { lease_id: id } })
      : this.#bao.ask('POST', 'auth/token/lookup', { body: { token: id } });
  }

  async #lookAlive(life: Life): Promise<void> {
    const { status, json } = await this.#ask(life);
    const fail = (what: string): never => {
      throw new StoryFailure(`${describe(life, this.#now)} ${what}: ${status} ${JSON.stringify(json)}`);
    };
    if (status !== 200) fail('is not known');
    const show = (name: string): unknown => at(json, 'data', name);
    if (Math.abs(Number(show('ttl')) * SECOND - (life.expires - this.#now)) > SLACK) fail('has another time left');
    if (show('renewable') !== life.renewable) fail('says otherwise about renewal');
    if (life.kind === 'lease') {
      if (!this.#db.lets(life.user, life.password)) fail('is without its user');
      return;
    }
    if (show('type') !== life.kind) fail('is of another kind');
    if (show('orphan') !== life.orphan) fail('says otherwise about its parent');
    if (show('num_uses') !== life.uses) fail('has another number of uses');
    if (life.kind === 'service' && this.#vain.below(4) === 0) await this.#lookByAccessor(life);
    if (life.uses > 0) return;
    await this.#self(life, 200);
  }

  /** Whoever has the accessor alone is told of the token, and not the token. */
  async #lookByAccessor(life: Life): Promise<void> {
    const { json } = await this.#bao.ask('POST', 'auth/token/lookup-accessor', { body: { accessor: life.accessor } });
    if (at(json, 'data', 'accessor') !== life.accessor || JSON.stringify(json).includes(life.id))
      throw new StoryFailure(`the accessor of ${describe(life, this.#now)} shows ${JSON.stringify(json)}`);
  }

  /** Takes away what crashes left behind, and nothing else. */
  async #tidy(): Promise<void> {
    await this.#bao.request('POST', 'sys/leases/tidy');
    await this.#bao.request('POST', 'auth/token/tidy');
  }

  async #lookGone(life: Life): Promise<void> {
    const { status, json } = await this.#ask(life);
    if (status === 200) throw new StoryFailure(`${describe(life, this.#now)} is still there: ${JSON.stringify(json)}`);
    if (life.kind !== 'lease') return this.#self(life, 403);
    if (this.#db.users.has(life.user))
      throw new StoryFailure(`the user of ${describe(life, this.#now)} is still there`);
  }

  /** On one of the nodes, whichever. */
  #self(life: Life, wanted: number): Promise<void> {
    const node = this.#dice.pick(this.#bao.names.filter((name) => this.#bao.machine(name).state === 'running'));
    return soonRight(this.#sim, this.#bao, node, async () => {
      const { status, json } = await this.#bao.ask('GET', 'auth/token/lookup-self', { node, token: life.id });
      if (status === wanted || (wanted === 200 && ends(life) < this.#now + SLACK)) return undefined;
      return `${status} ${JSON.stringify(json)} to ${describe(life, this.#now)}`;
    });
  }
}

/**
 * Roles of AppRole, their secret ids and the tokens of those who log in, all of which change, end and are used from
 * several addresses. A model says who gets in and what the token that he gets is good for.
 */
import type { JsonObject } from '../../core/codec/json.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import { at } from '../client.ts';
import { Caller } from '../caller.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { soonRight } from '../soon.ts';
import { ADDRESSES, areWithin, type Block, isWithin, someBlocks } from './blocks.ts';
import { grant, type MountTtls, type Terms } from './lifetime-model.ts';

interface Role {
  readonly name: string;
  readonly type: 'service' | 'batch';
  readonly local: boolean;
  id: string;
  needsSecret: boolean;
  secretUses: number;
  secretTtl: Micros;
  blocks: readonly Block[];
  tokenBlocks: readonly Block[];
  tokenUses: number;
  terms: Terms;
}

interface Secret {
  readonly id: string;
  readonly accessor: string;
  readonly role: Role;
  readonly blocks: readonly Block[];
  readonly tokenBlocks: readonly Block[];
  readonly limited: boolean;
  /** Left, if limited. */
  uses: number;
  readonly expires: Micros;
  gone: boolean;
}

interface Token {
  readonly id: string;
  readonly role: Role;
  readonly blocks: readonly Block[];
  readonly begun: Micros;
  readonly explicitMost: Micros;
  expires: Micros;
  /** Left; 0: without limit. */
  uses: number;
  gone: boolean;
}

const MOUNT: MountTtls = { usual: 30 * SECOND, most: 90 * SECOND };
const SLACK = 2 * SECOND;
const LATE = 6 * SECOND;

const inSeconds = (micros: Micros): string => `${micros / SECOND}s`;

export class AppRoles {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #more: Stream;
  readonly #callers: readonly Caller[];
  readonly #roles: Role[] = [];
  #secrets: Secret[] = [];
  #tokens: Token[] = [];
  #named = 0;
  /** Logins that were let in, and that were not, as they had to be. */
  admitted = 0;
  refused = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('app roles');
    this.#more = simulation.world.random('more of app roles');
    this.#callers = ADDRESSES.map((address) => new Caller(simulation, cluster, address));
  }

  async furnish(): Promise<void> {
    const bao = this.#bao;
    await bao.request('POST', 'sys/auth/approle', {
      type: 'approle',
      config: { default_lease_ttl: inSeconds(MOUNT.usual), max_lease_ttl: inSeconds(MOUNT.most) },
    });
    // Whoever fails too often is another story.
    await bao.request('POST', 'sys/auth/approle/tune', { user_lockout_config: { lockout_disable: true } });
    for (let role = 0; role < 3; role++) await this.#makeRole();
  }

  async round(): Promise<void> {
    const dice = this.#dice;
    if (dice.below(5) === 0) await this.#replaceRole();
    if (this.#more.below(3) === 0) await this.#passIdOn();
    await this.#setRole(dice.pick(this.#roles));
    for (let made = 0; made < 5; made++) await this.#makeSecret(dice.pick(this.#roles));
    if (dice.below(2) === 0) await this.#destroy();
    await this.#sim.sleep(dice.between(1, 4) * SECOND);
    for (let login = 0; login < 10; login++) await this.#logIn();
    if (dice.below(2) === 0) await this.#race();
    for (const token of dice.shuffle(this.#living()).slice(0, 3)) await this.#renew(token);
    // Before whatever looks at one of them tidies up behind it.
    for (const role of this.#roles) await this.#lookAtList(role);
    for (const secret of this.#secrets) await this.#lookAtSecret(secret);
    for (const token of this.#tokens) await this.#lookAtToken(token);
    this.#secrets = this.#secrets.filter((secret) => !this.#isPast(secret)).slice(-12);
    this.#tokens = this.#tokens.filter((token) => !this.#isPast(token)).slice(-8);
  }

  get #now(): Micros {
    return this.#sim.world.now;
  }

  #living(): Token[] {
    return this.#tokens.filter(({ gone, expires }) => !gone && expires > this.#now + SLACK);
  }

  #isPast({ gone, expires }: { readonly gone: boolean; readonly expires: Micros }): boolean {
    return gone || expires < this.#now - LATE;
  }

  /** Whether it is so near its end that either may be right. */
  #isUnsure({ gone, expires }: { readonly gone: boolean; readonly expires: Micros }): boolean {
    return !gone && Math.abs(expires - this.#now) < SLACK;
  }

  async #makeRole(): Promise<void> {
    const dice = this.#dice;
    const role: Role = {
      name: `role${++this.#named}`,
      type: dice.below(3) === 0 ? 'batch' : 'service',
      local: dice.below(2) === 0,
      id: '',
      needsSecret: true,
      secretUses: 0,
      secretTtl: 0,
      blocks: [],
      tokenBlocks: [],
      tokenUses: 0,
      terms: { ttl: 0, most: 0, explicitMost: 0, period: 0 },
    };
    await this.#setRole(role, { local_secret_ids: role.local, token_type: role.type });
    role.id = at(await this.#bao.request('GET', `auth/approle/role/${role.name}/role-id`), 'data', 'role_id') as string;
    this.#roles.push(role);
  }

  async #setRole(role: Role, more: JsonObject = {}): Promise<void> {
    const dice = this.#dice;
    const some = (most: number): Micros => (dice.below(2) === 0 ? 0 : dice.between(10, most) * SECOND);
    const stored = role.type === 'service';
    role.needsSecret = dice.below(5) > 0;
    role.secretUses = dice.pick([0, 0, 2, 4]);
    role.secretTtl = some(60);
    role.blocks = someBlocks(dice);
    role.tokenBlocks = someBlocks(dice);
    // Something has to stand between the name of a role and its token.
    if (!role.needsSecret && role.blocks.length === 0) role.blocks = ['10.0.0.0/8'];
    role.tokenUses = stored && dice.below(3) === 0 ? dice.between(1, 3) : 0;
    const period = stored && dice.below(3) === 0 ? dice.between(10, 30) * SECOND : 0;
    const explicitMost = stored && dice.below(3) === 0 ? dice.between(20, 60) * SECOND : 0;
    // The first may not be more than the second.
    const most = some(80);
    role.terms = { ttl: most > 0 ? Math.min(some(40), most) : some(40), most, explicitMost, period };
    await this.#bao.request('POST', `auth/approle/role/${role.name}`, {
      ...more,
      bind_secret_id: role.needsSecret,
      secret_id_num_uses: role.secretUses,
      secret_id_ttl: inSeconds(role.secretTtl),
      secret_id_bound_cidrs: role.blocks,
      token_bound_cidrs: role.tokenBlocks,
      token_num_uses: role.tokenUses,
      token_ttl: inSeconds(role.terms.ttl),
      token_max_ttl: inSeconds(role.terms.most),
      token_explicit_max_ttl: inSeconds(explicitMost),
      token_period: inSeconds(period),
    });
  }

  /** By another id a role is known from now on; the former one is anybody's. */
  async #passIdOn(): Promise<void> {
    const [one, other] = this.#more.shuffle(this.#roles);
    const former = one!.id;
    one!.id = `id-${++this.#named}`;
    other!.id = former;
    for (const { name, id } of [one!, other!])
      await this.#bao.request('POST', `auth/approle/role/${name}/role-id`, { role_id: id });
    await this.#sim.sleep(SECOND);
  }

  /** A role of the same name has nothing of what the former one had. */
  async #replaceRole(): Promise<void> {
    const role = this.#dice.pick(this.#roles);
    await this.#bao.request('DELETE', `auth/approle/role/${role.name}`);
    this.#roles.splice(this.#roles.indexOf(role), 1);
    for (const secret of this.#secrets) if (secret.role === role) secret.gone = true;
    await this.#logIn(role);
    // The tokens stay, and cannot be renewed any more.
    this.#tokens = this.#tokens.filter((token) => token.role !== role);
    await this.#makeRole();
  }

  async #makeSecret(role: Role): Promise<void> {
    const dice = this.#dice;
    const [uses, ttl] = [dice.pick([undefined, 0, 1, 3]), dice.pick([undefined, 0, 5, 20, 150])];
    const [blocks, tokenBlocks] = [someBlocks(dice, role.blocks), someBlocks(dice, role.tokenBlocks)];
    const chosen = dice.below(4) === 0;
    const body: JsonObject = {
      ...(uses !== undefined && { num_uses: uses }),
      ...(ttl !== undefined && { ttl: `${ttl}s` }),
      cidr_list: blocks,
      token_bound_cidrs: tokenBlocks,
      ...(chosen && { secret_id: `canary-chosen-${++this.#named}` }),
    };
    const isMore = (asked: number | undefined, limit: number): boolean =>
      asked !== undefined && limit > 0 && (asked === 0 || asked > limit);
    const fine =
      role.needsSecret &&
      areWithin(blocks, role.blocks) &&
      areWithin(tokenBlocks, role.tokenBlocks) &&
      !isMore(uses, role.secretUses) &&
      !isMore(ttl === undefined ? undefined : ttl * SECOND, role.secretTtl);
    const path = `auth/approle/role/${role.name}/${chosen ? 'custom-secret-id' : 'secret-id'}`;
    const { status, json } = await this.#bao.ask('POST', path, { body });
    if ((status === 200) !== fine)
      throw new StoryFailure(
        `${path} with ${JSON.stringify(body)} is ${fine ? 'refused' : 'taken'}: ${status} ${JSON.stringify(json)}; ${show(role)}`,
      );
    if (!fine) return;
    const given = uses ?? role.secretUses;
    const life = Math.min(ttl === undefined ? role.secretTtl : ttl * SECOND, MOUNT.most);
    if (at(json, 'data', 'secret_id_ttl') !== life / SECOND || at(json, 'data', 'secret_id_num_uses') !== given)
      throw new StoryFailure(`${path} with ${JSON.stringify(body)} gives ${JSON.stringify(json)}; ${show(role)}`);
    this.#secrets.push({
      id: at(json, 'data', 'secret_id') as string,
      accessor: at(json, 'data', 'secret_id_accessor') as string,
      role,
      blocks,
      tokenBlocks,
      limited: given > 0,
      uses: given,
      expires: life === 0 ? Infinity : this.#now + life,
      gone: false,
    });
  }

  async #destroy(): Promise<void> {
    const living = this.#secrets.filter((secret) => !secret.gone && secret.expires > this.#now + SLACK);
    if (living.length === 0) return;
    const secret = this.#dice.pick(living);
    const folder = `auth/approle/role/${secret.role.name}`;
    if (this.#dice.below(2) === 0)
      await this.#bao.request('POST', `${folder}/secret-id/destroy`, { secret_id: secret.id });
    else
      await this.#bao.request('POST', `${folder}/secret-id-accessor/destroy`, { secret_id_accessor: secret.accessor });
    secret.gone = true;
  }

  async #logIn(role: Role = this.#dice.pick(this.#roles)): Promise<void> {
    const dice = this.#dice;
    const own = this.#secrets.filter((one) => one.role === role);
    const any = dice.below(8) === 0 ? this.#secrets : own;
    const pairs = any.flatMap((secret) => this.#callers.map((caller) => ({ secret, caller })));
    const fitting = pairs.filter(
      ({ secret: { gone, blocks }, caller: { address } }) =>
        !gone && isWithin(address, blocks) && isWithin(address, role.blocks),
    );
    const chosen = dice.below(2) === 0 && fitting.length > 0 ? fitting : pairs;
    const { secret, caller } =
      chosen.length === 0 || dice.below(8) === 0
        ? { secret: undefined, caller: dice.pick(this.#callers) }
        : dice.pick(chosen);
    if (secret !== undefined && this.#isUnsure(secret)) return;
    const good =
      secret !== undefined &&
      secret.role === role &&
      !secret.gone &&
      secret.expires > this.#now &&
      areWithin(secret.blocks, role.blocks) &&
      isWithin(caller.address, secret.blocks);
    if (role.needsSecret && good && secret.limited) {
      secret.uses--;
      if (secret.uses === 0) secret.gone = true;
    }
    const fine = this.#roles.includes(role) && (good || !role.needsSecret) && isWithin(caller.address, role.blocks);
    const body = { role_id: role.id, ...(secret !== undefined && { secret_id: secret.id }) };
    const { status, json } = await caller.ask('POST', 'auth/approle/login', { node: this.#node(), body });
    const what = (): string =>
      `a login from ${caller.address} with ${secret === undefined ? 'no secret id' : showSecret(secret, this.#now)} at ${show(role)} is answered with ${status} ${JSON.stringify(json)}`;
    if (fine ? status !== 200 : status < 400) throw new StoryFailure(what());
    if (!fine) {
      this.refused++;
      return;
    }
    this.admitted++;
    const wanted = grant(role.terms, MOUNT, 0);
    if (!isAbout(at(json, 'auth', 'lease_duration'), wanted))
      throw new StoryFailure(`${what()} for ${wanted / SECOND} s`);
    const ownBlocks = role.needsSecret ? (secret?.tokenBlocks ?? []) : [];
    this.#tokens.push({
      id: at(json, 'auth', 'client_token') as string,
      role,
      blocks: ownBlocks.length > 0 ? ownBlocks : role.tokenBlocks,
      begun: this.#now,
      explicitMost: role.terms.explicitMost,
      expires: this.#now + wanted,
      uses: role.tokenUses,
      gone: false,
    });
  }

  /** Everybody logs in with the same secret id at once: as many get in as it has uses. */
  async #race(): Promise<void> {
    const able = this.#secrets.filter(
      ({ role, limited, gone, expires, blocks }) =>
        limited && !gone && expires > this.#now + SLACK && role.needsSecret && areWithin(blocks, role.blocks),
    );
    if (able.length === 0) return;
    const secret = this.#dice.pick(able);
    const { role, uses } = secret;
    const caller = this.#callers.find(
      ({ address }) => isWithin(address, secret.blocks) && isWithin(address, role.blocks),
    );
    if (caller === undefined) return;
    const body = { role_id: role.id, secret_id: secret.id };
    const node = this.#bao.leader;
    const all = Array.from({ length: uses + 2 }, () => caller.ask('POST', 'auth/approle/login', { node, body }));
    const admitted = (await Promise.all(all)).filter(({ status }) => status === 200).length;
    if (admitted !== uses) throw new StoryFailure(`${admitted} got in at once with ${showSecret(secret, this.#now)}`);
    secret.uses = 0;
    secret.gone = true;
  }

  /** Those that have ended are listed until somebody tidies up. */
  async #lookAtList(role: Role): Promise<void> {
    const { json } = await this.#bao.ask('LIST', `auth/approle/role/${role.name}/secret-id`);
    const listed = (at(json, 'data', 'keys') ?? []) as readonly string[];
    for (const secret of this.#secrets) {
      if (secret.role !== role || (!secret.gone && secret.expires < this.#now + SLACK)) continue;
      if (listed.includes(secret.accessor) === secret.gone)
        throw new StoryFailure(`the list has ${listed.join()} beside ${showSecret(secret, this.#now)}`);
    }
  }

  async #renew(token: Token): Promise<void> {
    const increment = this.#dice.pick([0, 10, 60, 200]) * SECOND;
    const { role, begun, explicitMost } = token;
    const wanted = grant({ ...role.terms, explicitMost }, MOUNT, this.#now - begun, increment);
    const body = { token: token.id, increment: inSeconds(increment) };
    const { status, json } = await this.#bao.ask('POST', 'auth/token/renew', { body });
    const fail = (): never => {
      throw new StoryFailure(
        `a renewal by ${wanted / SECOND} s of a token of ${show(role)} ${(this.#now - begun) / SECOND} s old: ${status} ${JSON.stringify(json)}`,
      );
    };
    if (role.type === 'batch' || wanted < -SLACK) {
      if (status < 400) fail();
      return;
    }
    if (wanted < SLACK && status >= 400) return;
    if (status !== 200 || !isAbout(at(json, 'auth', 'lease_duration'), wanted)) fail();
    token.expires = this.#now + wanted;
  }

  async #lookAtSecret(secret: Secret): Promise<void> {
    if (this.#isUnsure(secret) || !this.#roles.includes(secret.role)) return;
    const path = `auth/approle/role/${secret.role.name}/secret-id/lookup`;
    const { status, json } = await this.#bao.ask('POST', path, { body: { secret_id: secret.id } });
    const there = !secret.gone && secret.expires > this.#now;
    const right = there
      ? status === 200 && at(json, 'data', 'secret_id_num_uses') === secret.uses
      : status === 204 || status >= 400;
    if (right) return;
    throw new StoryFailure(`${path} shows ${status} ${JSON.stringify(json)} of ${showSecret(secret, this.#now)}`);
  }

  /** Whoever asks from elsewhere does not get in, which counts as a use all the same. */
  async #lookAtToken(token: Token): Promise<void> {
    if (this.#isUnsure(token)) return;
    const there = !token.gone && token.expires > this.#now;
    if (!there && !this.#isPast(token)) return;
    const { id, role } = token;
    if (there) {
      const { status, json } = await this.#bao.ask('POST', 'auth/token/lookup', { body: { token: id } });
      const right =
        status === 200 &&
        isAbout(at(json, 'data', 'ttl'), token.expires - this.#now) &&
        at(json, 'data', 'num_uses') === token.uses &&
        at(json, 'data', 'type') === role.type;
      if (!right) throw new StoryFailure(`a token of ${show(role)}: ${status} ${JSON.stringify(json)}`);
    }
    const caller = this.#dice.pick(this.#callers);
    const isLetIn = there && isWithin(caller.address, token.blocks);
    const counted = there && token.uses > 0;
    // Each look at a counted one counts.
    const node = counted ? this.#bao.leader : this.#node();
    await soonRight(this.#sim, this.#bao, node, async () => {
      const { status } = await caller.ask('GET', 'auth/token/lookup-self', { node, token: id });
      if (status === (isLetIn ? 200 : 403)) return undefined;
      return `${status} from ${caller.address} with a token bound to ${token.blocks.join()} of ${show(role)}`;
    });
    if (!counted) return;
    token.uses--;
    if (token.uses === 0) token.gone = true;
  }

  #node(): string {
    return this.#dice.pick(this.#bao.names);
  }
}

const isAbout = (shown: unknown, wanted: Micros): boolean =>
  typeof shown === 'number' && Math.abs(shown * SECOND - wanted) <= SLACK;

const show = (role: Role): string => JSON.stringify(role);

const showSecret = ({ role, ...secret }: Secret, now: Micros): string =>
  `${JSON.stringify(secret)} of ${role.name}, ${(secret.expires - now) / SECOND} s before its end,`;

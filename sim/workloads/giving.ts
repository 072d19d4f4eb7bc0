/**
 * Tokens that make tokens, some with `sudo` and some without, with policies, roles and fields of all kinds. A model says
 * what is made of each request, and every node soon shows it.
 */
import type { JsonObject } from '../../core/codec/json.ts';
import { at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { soonRight } from '../soon.ts';
import { type Giver, given, type GivingRole, type Wanted } from './giving-model.ts';

interface Token extends Giver {
  readonly id: string;
}

const ROLES: readonly GivingRole[] = [
  { name: 'allowing', allowed: ['a', 'maker'], allowedGlobs: ['g-*'], disallowed: [], disallowedGlobs: [] },
  { name: 'barring', allowed: [], allowedGlobs: [], disallowed: ['c'], disallowedGlobs: ['h-*'] },
  {
    name: 'both',
    allowed: ['a', 'c'],
    allowedGlobs: ['g-*', 'h-*'],
    disallowed: ['default'],
    disallowedGlobs: ['h-*'],
  },
];
const POLICIES = ['a', 'b', 'c', 'default', 'g-one', 'h-one', 'maker', 'power', 'root'] as const;
const MOST = 12;

export class Giving {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  /** The operator's is the first. */
  #tokens: Token[] = [];
  #named = 0;
  /** Requests that were granted, and that were not, as they had to be. */
  granted = 0;
  refused = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('giving');
  }

  async furnish(): Promise<void> {
    const bao = this.#bao;
    for (const [name, more] of [
      ['maker', ''],
      ['power', ', "sudo"'],
    ] as const) {
      const policy = ['create*', 'revoke-orphan']
        .map((path) => `path "auth/token/${path}" { capabilities = ["create", "update"${more}] }`)
        .join('\n');
      await bao.request('POST', `sys/policies/acl/${name}`, { policy });
    }
    for (const { name, allowed, allowedGlobs, disallowed, disallowedGlobs } of ROLES)
      await bao.request('POST', `auth/token/roles/${name}`, {
        allowed_policies: allowed,
        allowed_policies_glob: allowedGlobs,
        disallowed_policies: disallowed,
        disallowed_policies_glob: disallowedGlobs,
      });
    this.#tokens.push({ id: bao.keys.rootToken, policies: ['root'], sudo: true, expires: false });
  }

  /** Makes some, and ends one. */
  async round(): Promise<void> {
    for (let made = 0; made < 8; made++) await this.#make();
    await this.#revoke();
  }

  async #make(): Promise<void> {
    const dice = this.#dice;
    const giver = dice.pick(this.#tokens);
    const role = dice.below(3) === 0 ? dice.pick(ROLES) : undefined;
    const few = (): boolean => dice.below(5) === 0;
    // Of a maker's own it may ask more often than of all that there are.
    const from = dice.below(2) === 0 ? giver.policies : POLICIES;
    const policies = dice.shuffle(from).slice(0, dice.below(4));
    const [noDefault, noParent, periodic, ownId] = [few(), few(), few(), few()];
    const orphan = role === undefined && few();
    const ends = dice.below(2) === 0;
    const wanted: Wanted = { policies, noDefault, noParent: noParent && !orphan, periodic, ownId, expires: ends, role };
    const body: JsonObject = {
      policies,
      ...(noDefault && { no_default_policy: true }),
      ...(wanted.noParent && { no_parent: true }),
      ...(periodic && { period: '1h' }),
      ...(ownId && { id: `chosen-${++this.#named}` }),
      ...(ends && { ttl: '1h' }),
    };
    const path = `auth/token/create${role === undefined ? (orphan ? '-orphan' : '') : `/${role.name}`}`;
    const { status, json } = await this.#bao.ask('POST', path, { token: giver.id, body });
    const expected = given(giver, wanted);
    const asked = `${path} ${JSON.stringify(body)} of a token with ${giver.policies.join()}`;
    if (expected === undefined) {
      if (status !== 400) throw new StoryFailure(`${asked}, which may not, is answered with ${status}`);
      this.refused++;
      return;
    }
    const shown = at(json, 'auth', 'token_policies') ?? [];
    if (status !== 200 || JSON.stringify(shown) !== JSON.stringify(expected))
      throw new StoryFailure(`${asked} gives ${status} ${JSON.stringify(shown)} instead of ${expected.join()}`);
    this.granted++;
    const token: Token = {
      id: at(json, 'auth', 'client_token') as string,
      policies: expected,
      sudo: expected.includes('power') || expected.includes('root'),
      expires: ends || periodic || !expected.includes('root'),
    };
    await this.#look(token, orphan || (role === undefined && wanted.noParent), asked);
    if ((token.sudo || expected.includes('maker')) && this.#tokens.length < MOST) this.#tokens.push(token);
  }

  async #look({ id, policies, expires }: Token, orphan: boolean, asked: string): Promise<void> {
    // Others than `default` and `root` name no path to look at oneself.
    if (!policies.includes('default') && !policies.includes('root')) return;
    const node = this.#dice.pick(this.#bao.names);
    await soonRight(this.#sim, this.#bao, node, async () => {
      const { status, json } = await this.#bao.ask('GET', 'auth/token/lookup-self', { node, token: id });
      const show = (name: string): unknown => at(json, 'data', name);
      const isRight =
        status === 200 &&
        JSON.stringify(show('policies')) === JSON.stringify(policies) &&
        show('orphan') === orphan &&
        (show('ttl') !== 0) === expires;
      return isRight ? undefined : `${asked} is shown as ${status} ${JSON.stringify(json)}`;
    });
  }

  /** One that may end another alone does so; one that may not is refused, and both live on. */
  async #revoke(): Promise<void> {
    const [root, ...others] = this.#tokens;
    if (others.length === 0) return;
    const victim = this.#dice.pick(others);
    const giver = this.#dice.pick(this.#tokens);
    if (giver === victim) return;
    const body = { token: victim.id };
    const { status } = await this.#bao.ask('POST', 'auth/token/revoke-orphan', { token: giver.id, body });
    if (status !== (giver.sudo ? 204 : 400))
      throw new StoryFailure(`revoke-orphan by a token with ${giver.policies.join()} is answered with ${status}`);
    if (giver.sudo) this.#tokens = [root!, ...others.filter((token) => token !== victim)];
    const after = await this.#bao.ask('POST', 'auth/token/lookup', { body });
    if ((after.status === 200) === giver.sudo)
      throw new StoryFailure(`after revoke-orphan by a token with ${giver.policies.join()}: ${after.status}`);
  }
}

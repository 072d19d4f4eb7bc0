/**
 * Quotas of rates for mounts, paths, roles and namespaces, and requests from several addresses to several nodes. A model
 * counts along, for each node, quota and address apart, and says of every request whether it is one too many.
 */
import { type Micros, SECOND } from '../../core/runtime.ts';
import { at } from '../client.ts';
import { Caller } from '../caller.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { ADDRESSES } from './blocks.ts';

interface Target {
  /** With the namespace in front. */
  readonly path: string;
  readonly namespace: string;
  readonly mount: string;
  /** Of a login, which only the active node counts once. */
  readonly role?: string;
}

/** What a quota may be for. */
interface Subject {
  readonly namespace: string;
  /** '' for the whole namespace. */
  readonly mount: string;
  /** What follows the mount; with '*' at its end, what begins so. */
  readonly rest: string;
  readonly role: string;
}

interface Quota extends Subject {
  readonly name: string;
  readonly inheritable: boolean;
  readonly rate: number;
  readonly interval: Micros;
  /** 0: none. */
  readonly block: Micros;
}

interface Count {
  readonly start: Micros;
  tick: number;
  left: number;
  blocked: Micros;
}

const target = (path: string, namespace: string, mount: string, role?: string): Target => ({
  path,
  namespace,
  mount,
  ...(role !== undefined && { role }),
});

const TARGETS: readonly Target[] = [
  ...['kv/a', 'kv/b', 'kv/d/a', 'kv/d/e/a'].map((path) => target(path, '', 'kv/')),
  target('one/kv/a', 'one/', 'kv/'),
  target('one/two/kv/a', 'one/two/', 'kv/'),
  ...['r1', 'r2'].map((role) => target('auth/approle/login', '', 'auth/approle/', role)),
];

const subject = (namespace: string, mount: string, rest = '', role = ''): Subject => ({ namespace, mount, rest, role });

const SUBJECTS: readonly Subject[] = [
  subject('', 'kv/'),
  subject('', 'kv/', 'a'),
  subject('', 'kv/', 'd/*'),
  subject('', 'kv/', 'd/e/*'),
  subject('', 'auth/approle/'),
  subject('', 'auth/approle/', '', 'r1'),
  subject('one/', ''),
  subject('one/', 'kv/'),
  subject('one/two/', ''),
];
/** The quotas of a round, and the moments of it, are so far apart that nothing is decided by milliseconds. */
const INTERVALS = [5 * SECOND, 60 * SECOND];
const BLOCKS = [0, 0, 20 * SECOND];
const PAUSES = [0, 6 * SECOND, 18 * SECOND];
const TOLD = 2 * SECOND;

export class RateLimits {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #callers: readonly Caller[];
  readonly #roleIds = new Map<string, string>();
  #quotas: Quota[] = [];
  /** By node, quota and address; those of a quota that was set anew begin anew. */
  readonly #counts = new Map<string, Count>();
  /** Requests that were let through, and that were not, as they had to be. */
  allowed = 0;
  refused = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('rate limits');
    this.#callers = ADDRESSES.map((address) => new Caller(simulation, cluster, address));
  }

  async furnish(): Promise<void> {
    const bao = this.#bao;
    await bao.request('POST', 'sys/namespaces/one');
    await bao.request('POST', 'one/sys/namespaces/two');
    for (const namespace of ['', 'one/', 'one/two/'])
      await bao.request('POST', `${namespace}sys/mounts/kv`, { type: 'kv' });
    for (const { path, role } of TARGETS)
      if (role === undefined) await bao.request('POST', path, { value: 'canary-limit' });
    await bao.request('POST', 'sys/auth/approle', { type: 'approle' });
    for (const role of ['r1', 'r2']) {
      await bao.request('POST', `auth/approle/role/${role}`, {
        bind_secret_id: false,
        secret_id_bound_cidrs: ['0.0.0.0/0'],
        token_type: 'batch',
      });
      const shown = await bao.request('GET', `auth/approle/role/${role}/role-id`);
      this.#roleIds.set(role, at(shown, 'data', 'role_id') as string);
    }
  }

  async round(): Promise<void> {
    await this.#setQuotas();
    await this.#sim.sleep(TOLD);
    for (const pause of PAUSES) {
      await this.#sim.sleep(pause);
      for (let burst = 0; burst < 8; burst++) await this.#burst();
    }
  }

  /** The inner namespace goes, and what it was limited to with it; what it inherited stays. */
  async abandon(): Promise<void> {
    for (const namespace of ['one/', 'one/two/']) {
      const name = namespace.split('/').at(-2)!;
      await this.#bao.request('POST', `sys/quotas/rate-limit/of-${name}`, { path: `${namespace}kv/b`, rate: 5 });
    }
    await this.#bao.request('DELETE', 'one/sys/namespaces/two');
    const left = async (): Promise<string> => {
      const { json } = await this.#bao.ask('LIST', 'sys/quotas/rate-limit');
      return JSON.stringify(at(json, 'data', 'keys'));
    };
    const gone = async (): Promise<boolean> => !(await left()).includes('"of-two"');
    await this.#sim.eventually('30s', 'the quotas of the namespace are gone', gone);
    if (!(await left()).includes('"of-one"')) throw new StoryFailure('the quotas of the namespace above are gone too');
  }

  async #setQuotas(): Promise<void> {
    const dice = this.#dice;
    for (const { name } of this.#quotas) await this.#bao.request('DELETE', `sys/quotas/rate-limit/${name}`);
    this.#counts.clear();
    this.#quotas = dice
      .shuffle(SUBJECTS)
      .slice(0, 5)
      .map((subject, index) => ({
        ...subject,
        name: `quota${index}`,
        inheritable: subject.namespace !== '' && subject.mount === '' && dice.below(2) === 0,
        rate: dice.between(1, 5),
        interval: dice.pick(INTERVALS),
        block: dice.pick(BLOCKS),
      }));
    for (const quota of this.#quotas) {
      await this.#bao.request('POST', `sys/quotas/rate-limit/${quota.name}`, {
        path: quota.namespace + quota.mount + quota.rest,
        ...(quota.role !== '' && { role: quota.role }),
        ...(quota.inheritable && { inheritable: true }),
        rate: quota.rate,
        interval: `${quota.interval / SECOND}s`,
        ...(quota.block > 0 && { block_interval: `${quota.block / SECOND}s` }),
      });
    }
  }

  /** Some requests of one caller, one after the other. */
  async #burst(): Promise<void> {
    const dice = this.#dice;
    const target = dice.pick(TARGETS);
    const caller = dice.pick(this.#callers);
    const node = target.role === undefined ? dice.pick(this.#bao.names) : this.#bao.leader;
    const quota = quotaFor(this.#quotas, target);
    for (let request = 0; request < 4; request++) {
      const { status } =
        target.role === undefined
          ? await caller.ask('GET', target.path, { node, token: this.#bao.keys.rootToken })
          : await caller.ask('POST', target.path, { node, body: { role_id: this.#roleIds.get(target.role)! } });
      const fine = quota === undefined || this.#count(quota, node, caller.address);
      if (status !== (fine ? 200 : 429))
        throw new StoryFailure(
          `${node} answers ${status} to ${target.path} ${target.role ?? ''} from ${caller.address}: ${JSON.stringify(quota)} ${fine ? 'has room' : 'has none'}`,
        );
      if (fine) this.allowed++;
      else this.refused++;
    }
  }

  /** Whether there is room for one more. */
  #count({ name, rate, interval, block }: Quota, node: string, address: string): boolean {
    const { now } = this.#sim.world;
    const key = `${node} ${name} ${address}`;
    const count = this.#counts.get(key) ?? { start: now, tick: 0, left: rate, blocked: -Infinity };
    this.#counts.set(key, count);
    if (block > 0 && now < count.blocked + block) return false;
    const tick = Math.floor((now - count.start) / interval);
    if (tick > count.tick) Object.assign(count, { tick, left: rate });
    if (count.left > 0) {
      count.left--;
      return true;
    }
    count.blocked = now;
    return false;
  }
}

/** Of all that fit the one that says it most exactly: a role, a path, the longest beginning, the mount, the namespace. */
function quotaFor(quotas: readonly Quota[], { path, namespace, mount, role }: Target): Quota | undefined {
  const rest = path.slice(namespace.length + mount.length);
  const weight = (quota: Quota): number => {
    if (quota.mount === '') {
      const own = quota.namespace === namespace;
      return own || (quota.inheritable && namespace.startsWith(quota.namespace)) ? quota.namespace.length : -1;
    }
    if (quota.namespace !== namespace || quota.mount !== mount) return -1;
    if (quota.role !== '') return quota.role === role ? 4_000 : -1;
    if (quota.rest === '') return 1_000;
    if (quota.rest === rest) return 3_000;
    const beginning = quota.rest.endsWith('*') ? quota.rest.slice(0, -1) : undefined;
    return beginning !== undefined && rest.startsWith(beginning) ? 2_000 + beginning.length : -1;
  };
  const fitting = quotas.filter((quota) => weight(quota) >= 0);
  return fitting.toSorted((a, b) => weight(b) - weight(a))[0];
}

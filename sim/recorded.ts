/**
 * Conversations with the real server as stories: what it was once asked is asked of a cluster, and what is answered has
 * to be what it answered, although between two requests leaders give way or die, and standbys are asked as well.
 */
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import { MILLISECOND, SECOND } from '../core/runtime.ts';
import { HttpClient } from './client.ts';
import type { Cluster } from './cluster.ts';
import { StoryFailure } from './failure.ts';
import type { Answer } from './network/http-wire.ts';
import type { Stream } from './random.ts';
import { scenario, type Scenario } from './scenario.ts';
import type { Simulation } from './simulation.ts';

/** One conversation, held anew. Whoever runs stories brings them along: they lie in files. */
export interface Recorded {
  /** How many requests. */
  readonly length: number;
  /** What is to be asked next; undefined when all is said. */
  next(): RecordedRequest | undefined;
  /** Takes the answer. In how many ms to ask the same again; undefined: the next. `played` in seconds. */
  hear(answer: Answer, played: number): number | undefined;
  /** Where what was answered differs from the recording, a line each. */
  differences(): readonly string[];
}

export interface RecordedRequest {
  readonly method: string;
  /** From the slash on. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array | undefined;
  /** Milliseconds to wait before. */
  readonly wait: number;
}

/** Opens a conversation by its name with a server at this URL whose root token is `root`; undefined: no such recording. */
export type Recordings = (name: string, url: string) => Recorded | undefined;

export interface RecordedOptions {
  /** Why nothing may happen in between and nobody else be asked: what it is about is kept in a node's memory. */
  readonly calm?: string;
  /** Differences that are right, as a cluster on raft is no server in memory. */
  readonly apart?: readonly RegExp[];
}

/** Where all nodes say that the API is: the address of one server, so that URLs in answers stay the same. */
const URL_OF_ALL = 'http://127.0.0.1:8200';
/** How often something happens in a conversation. */
const EVENTS = 3;
/** In a hundred requests: asked of a standby. */
const ELSEWHERE = 25;
/** Answers about the node that is asked; and moves, which upstream's standbys begin and cannot end. */
const OF_THE_NODE =
  /^\/v1\/sys\/(?:health|leader|seal-status|ha-status|host-info|metrics|loggers|in-flight-req|pprof|monitor|init|unseal|remount|rotate\/(?:keyring\/)?config|internal\/(?:inspect|counters)|config\/state)/;
/** How often a standby is asked that does not know enough yet. */
const ATTEMPTS = 100;
const PATIENCE = 10 * SECOND;
/** What a standby says that does not know the active node yet. */
const LOST = 'local node not active but active cluster node not found';
/** Right in every case: two times may be one in simulation, and what was empty in memory is null once it was read. */
const RIGHT: readonly RegExp[] = [
  / is <(?:time-\d+|second)>, not <(?:time-\d+|second)>$/,
  /\.(?:custom_metadata|member_entity_ids) is null, not (?:\{\}|\[\])$/,
  // Time passes while another becomes active.
  /\.warnings is \["TTL of \\"768h\\" exceeded the effective max_ttl of \\"767h59m\d+s\\"; [^"]*"\], not null$/,
];

/** Tells the story of a recorded case, by its name, e.g. 'transit/keys'. */
export function recorded(name: string, options: RecordedOptions = {}): Scenario {
  return scenario(`${name} is answered as the real server did`, { recorded: name }, async (sim) => {
    const cluster = await dressed(sim);
    const told = sim.recorded(name, URL_OF_ALL);
    await new Player(sim, cluster, told, options.calm !== undefined).play();
    const right = [...RIGHT, ...(options.apart ?? [])];
    const wrong = told.differences().filter((line) => !right.some((known) => known.test(line)));
    if (wrong.length > 0)
      throw new StoryFailure(`${wrong.length} differences in ${told.length} answers:\n${wrong.slice(0, 5).join('\n')}`);
  });
}

/** A cluster that looks as a server in development mode does. */
async function dressed(sim: Simulation): Promise<Cluster> {
  const settings = { raw_storage_endpoint: true, ui: true };
  const cluster = await sim.cluster({ nodes: 3, multiplier: 1, settings, advertised: () => URL_OF_ALL });
  await cluster.mount('secret', 'kv-v2');
  await cluster.request('POST', 'sys/mounts/secret/tune', { description: 'key/value secret storage' });
  for (const node of cluster.names) {
    const usable = async (): Promise<boolean> => (await cluster.ask('GET', 'secret/config', { node })).status === 200;
    await sim.until('every node can read', usable, 50 * MILLISECOND, PATIENCE);
  }
  await cluster.request('POST', 'auth/token/create', { id: 'root', policies: ['root'], no_parent: true });
  cluster.operator.token = 'root';
  await cluster.request('POST', 'auth/token/revoke', { token: cluster.keys.rootToken });
  // Comparisons take times on whole days for such as clients asked for; a simulation begins at midnight.
  await sim.run('100s');
  return cluster;
}

/** Of a standby that does not know enough yet. */
const isEarly = ({ status, body }: Answer): boolean =>
  status === 412 || status === 429 || (status === 500 && decodeUtf8(body).includes(LOST));

const isRead = (method: string): boolean => ['GET', 'HEAD', 'LIST', 'SCAN'].includes(method);

class Player {
  readonly #sim: Simulation;
  readonly #cluster: Cluster;
  readonly #told: Recorded;
  readonly #http: HttpClient;
  readonly #dice: Stream;
  readonly #calm: boolean;
  /** Before which requests something happens. */
  readonly #events: ReadonlySet<number>;
  /** What the latest answer knew. What a failed request has changed nobody tells: then only the active node is asked. */
  #index: string | undefined;

  constructor(sim: Simulation, cluster: Cluster, told: Recorded, calm: boolean) {
    this.#sim = sim;
    this.#cluster = cluster;
    this.#told = told;
    this.#dice = sim.world.random('recorded');
    this.#calm = calm;
    this.#events = new Set(Array.from({ length: calm ? 0 : EVENTS }, () => this.#dice.below(told.length)));
    this.#http = new HttpClient(
      sim.client('127.0.0.1').start(() => {}),
      { follow: false },
    );
  }

  async play(): Promise<void> {
    let began = this.#sim.world.now;
    let asked = 0;
    for (let request = this.#told.next(); request !== undefined; request = this.#told.next()) {
      if (request.wait > 0) await this.#sim.sleep(request.wait * MILLISECOND);
      began += request.wait * MILLISECOND;
      if (this.#events.has(asked++)) await this.#disturb();
      const end = this.#sim.world.now + PATIENCE;
      for (;;) {
        const answer = await this.#ask(request);
        const again = this.#told.hear(answer, (this.#sim.world.now - began) / SECOND);
        if (again === undefined) break;
        if (this.#sim.world.now > end) throw new StoryFailure(`${request.method} ${request.path}: never as recorded`);
        await this.#sim.sleep(again * MILLISECOND);
      }
    }
  }

  /** Another node becomes the active one. */
  async #disturb(): Promise<void> {
    const { leader } = this.#cluster;
    if (this.#dice.below(2) === 0) await this.#cluster.stepDown();
    else {
      this.#cluster.kill(leader);
      await this.#sim.run('1s');
      this.#cluster.restart(leader);
    }
    await this.#sim.run('1s');
    await this.#cluster.ready();
  }

  /** Of the active node, or of a standby, which answers by itself, forwards, or does not know yet. */
  async #ask({ method, path, headers, body }: RecordedRequest): Promise<Answer> {
    const { leader, names } = this.#cluster;
    const own = this.#calm || this.#index === undefined || OF_THE_NODE.test(path) || this.#dice.below(100) >= ELSEWHERE;
    const node = own ? leader : this.#dice.pick(names.filter((name) => name !== leader));
    const known = node === leader ? [] : [['X-Vault-Index', this.#index!] as const];
    const bytes = typeof body === 'string' ? encodeUtf8(body) : body;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#http.request(this.#cluster.address(node), method, path, {
        headers: [...headers, ...known],
        ...(bytes === undefined ? {} : { bytes }),
      });
      if (node !== leader && attempt < ATTEMPTS && isEarly(answer)) {
        await this.#sim.sleep(20 * MILLISECOND);
        continue;
      }
      const index = answer.headers.get('x-vault-index')?.[0];
      if (index !== undefined || !isRead(method)) this.#index = index;
      return answer;
    }
  }
}

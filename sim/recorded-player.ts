/** Holds a recorded conversation with a cluster: who is asked, and what happens in between. */
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import { MILLISECOND, SECOND } from '../core/runtime.ts';
import { HttpClient } from './client.ts';
import type { Cluster } from './cluster.ts';
import { StoryFailure } from './failure.ts';
import type { Answer } from './network/http-wire.ts';
import type { Stream } from './random.ts';
import type { Recorded, RecordedOptions, RecordedRequest } from './recorded.ts';
import type { Caretaker } from './recorded-servers.ts';
import type { Simulation } from './simulation.ts';

/** How often something happens in a conversation. */
const EVENTS = 3;
/** In a hundred requests: asked of a standby. */
const ELSEWHERE = 25;
/**
 * Answers about the node that is asked, and its own attempts at new keys; moves, which upstream's standbys begin and cannot
 * end; rotations, which they try to write before they hand them on.
 */
const OF_THE_NODE =
  /^\/v1\/sys\/(?:health|leader|seal-status|ha-status|host-info|metrics|loggers|in-flight-req|pprof|monitor|init|seal|step-down|unseal|remount|rotate|internal\/(?:inspect|counters)|config\/state)/;
/** Handed on by standbys, whatever they know. */
const HANDED_ON = /^\/v1\/sys\/(?:rekey|rekey-recovery-key|generate-root|generate-root-token)(?:\/|$)/;
/** How often a standby is asked that does not know enough yet. */
const ATTEMPTS = 100;
const PATIENCE = 10 * SECOND;
/** What a standby says that does not know the active node yet. */
const LOST = 'local node not active but active cluster node not found';

/** Of a standby that does not know enough yet. */
const isEarly = ({ status, body }: Answer): boolean =>
  status === 412 || status === 429 || (status === 500 && decodeUtf8(body).includes(LOST));

/** Where nothing may be handed on, only the active node answers as a server alone does. */
const staysThere = ({ headers }: RecordedRequest): boolean =>
  headers.some(([name]) => name.toLowerCase() === 'x-vault-no-request-forwarding');

const isRead = (method: string): boolean => ['GET', 'HEAD', 'LIST', 'SCAN'].includes(method);

const NOBODY: Answer = { status: 0, headers: new Map(), body: new Uint8Array() };

export class RecordedPlayer {
  readonly #sim: Simulation;
  readonly #caretaker: Caretaker;
  readonly #cluster: Cluster;
  readonly #told: Recorded;
  readonly #http: HttpClient;
  readonly #dice: Stream;
  readonly #calm: boolean;
  /** Before which requests something happens. */
  readonly #events: ReadonlySet<number>;
  /** What the latest answer knew. What a failed request has changed nobody tells: then only the active node is asked. */
  #index: string | undefined;

  constructor(sim: Simulation, caretaker: Caretaker, told: Recorded, { calm, steady }: RecordedOptions) {
    this.#sim = sim;
    this.#caretaker = caretaker;
    this.#cluster = caretaker.cluster;
    this.#told = told;
    this.#dice = sim.world.random('recorded');
    this.#calm = calm !== undefined;
    const events = this.#calm || steady !== undefined ? 0 : EVENTS;
    this.#events = new Set(Array.from({ length: events }, () => this.#dice.below(told.length)));
    this.#http = new HttpClient(
      sim.client('127.0.0.1').start(() => {}),
      { follow: false },
    );
  }

  async play(): Promise<void> {
    let began = this.#sim.world.now;
    let asked = 0;
    /** Until when the same may be asked again. */
    let end: number | undefined;
    for (let request = this.#told.next(); request !== undefined; request = this.#told.next()) {
      if (end === undefined) {
        if (request.wait > 0) await this.#sim.sleep(request.wait * MILLISECOND);
        began += request.wait * MILLISECOND;
        if (this.#events.has(asked++) && this.#caretaker.complete) await this.#disturb();
        end = this.#sim.world.now + PATIENCE;
      }
      const answer = await (request.method === 'VISIT' ? this.#visit(request) : this.#ask(request));
      const again = this.#told.hear(answer, (this.#sim.world.now - began) / SECOND);
      if (again !== undefined && this.#sim.world.now > end)
        throw new StoryFailure(`${request.method} ${request.path}: never as recorded`);
      if (again === undefined) end = undefined;
      else await this.#sim.sleep(again * MILLISECOND);
    }
  }

  /** Another node becomes the active one; the same, where there is but one. */
  async #disturb(): Promise<void> {
    const { leader } = this.#cluster;
    if (this.#dice.below(2) === 0 || this.#cluster.sharesLost) await this.#cluster.stepDown();
    else {
      this.#cluster.kill(leader);
      await this.#sim.run('1s');
      this.#cluster.restart(leader);
      await this.#unseal(leader);
    }
    await this.#sim.run('1s');
    await this.#cluster.ready();
  }

  /** By the shares, as soon as it asks for them. */
  async #unseal(name: string): Promise<void> {
    if (!this.#cluster.wantsShares) return;
    const { operator } = this.#cluster;
    const waits = async (): Promise<boolean> => (await operator.health(this.#cluster.address(name))) === 503;
    await this.#sim.until(`${name} waits for shares`, waits, 100 * MILLISECOND, PATIENCE);
    await operator.unseal(this.#cluster.address(name), this.#cluster.keys.shares);
  }

  /** A page of somebody else's; no answer where nobody said which. */
  async #visit({ path }: RecordedRequest): Promise<Answer> {
    const [, host, target] = /^http:\/\/([^/]+)(\/.*)$/.exec(path) ?? [];
    if (host === undefined || target === undefined) return NOBODY;
    return this.#http.request(host, 'GET', target);
  }

  #mayStandby(request: RecordedRequest): boolean {
    if (this.#calm || !this.#caretaker.complete || staysThere(request) || OF_THE_NODE.test(request.path)) return false;
    return this.#index !== undefined || HANDED_ON.test(request.path);
  }

  /** Of the active node, or of a standby, which answers by itself, forwards, or does not know yet. */
  async #ask(request: RecordedRequest): Promise<Answer> {
    const { method, path, headers, body } = request;
    const { first } = this.#caretaker;
    const others = this.#cluster.names.filter((name) => name !== first);
    const elsewhere = this.#mayStandby(request) && others.length > 0 && this.#dice.below(100) < ELSEWHERE;
    const node = elsewhere ? this.#dice.pick(others) : first;
    const index = node === first ? undefined : this.#index;
    const known = index === undefined ? [] : [['X-Vault-Index', index] as const];
    const bytes = typeof body === 'string' ? encodeUtf8(body) : body;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#http.request(this.#cluster.address(node), method, path, {
        headers: [...headers, ...known],
        ...(bytes === undefined ? {} : { bytes }),
      });
      if (node !== first && attempt < ATTEMPTS && isEarly(answer)) {
        await this.#sim.sleep(20 * MILLISECOND);
        continue;
      }
      const index = answer.headers.get('x-vault-index')?.[0];
      if (index !== undefined || !isRead(method)) this.#index = index;
      await this.#caretaker.saw(node, path, answer);
      return answer;
    }
  }
}

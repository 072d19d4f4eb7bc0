/** Somebody else's HTTP service as nodes see it: a machine with an API, and what goes wrong with such services: gone, slow, refusing, losing its answers. */
import { noBytes } from '../../core/codec/bytes.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import type { Micros, Runtime } from '../../core/runtime.ts';
import { EPOCH } from '../clock.ts';
import type { Distribution } from '../distribution.ts';
import type { Fault } from '../faults.ts';
import { serveHttp } from '../network/http-server.ts';
import type { Machine } from '../machine.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';

export interface ServiceSettings {
  /** The machine's. */
  readonly name: string;
  readonly port: number;
  /** What the faults call it. */
  readonly title: string;
  /** What it says when it refuses; 503 without a body unless given. */
  readonly refusal?: HttpResponse;
}

const UNAVAILABLE: HttpResponse = { status: 503, headers: [], body: noBytes };

export abstract class HttpService {
  readonly name: string;
  /** How long it thinks about a request. */
  latency: Distribution | undefined;
  protected readonly simulation: Simulation;
  readonly #settings: ServiceSettings;
  readonly #machine: Machine;
  readonly #thinking: Stream;
  #refusing = false;
  #mute = false;
  /** Requests that the present fault has hit. */
  #denied = 0;
  #open: Fault | undefined;
  #since: Micros | undefined;

  /** It is up at once; what it keeps survives restarts. */
  constructor(simulation: Simulation, settings: ServiceSettings) {
    this.name = settings.name;
    this.simulation = simulation;
    this.#settings = settings;
    this.#thinking = simulation.world.random(`${settings.name}/latency`);
    this.#machine = simulation.client(settings.name);
    this.#machine.start((runtime) => {
      serveHttp(runtime, `${settings.name}:${settings.port}`, (request) => this.#answer(request, runtime));
    });
  }

  get address(): string {
    return `http://${this.name}:${this.#settings.port}`;
  }

  /** Since when nobody gets anything out of it; undefined while it answers. */
  get awaySince(): Micros | undefined {
    return this.#since;
  }

  /** Its time of day. */
  protected wall(): Micros {
    return EPOCH + this.simulation.world.now;
  }

  protected abstract respond(request: HttpRequest, runtime: Runtime): HttpResponse;

  /** The machine is off. */
  down(): void {
    this.#begin('down', () => true);
    this.#machine.kill();
  }

  up(): void {
    if (this.#machine.state !== 'running') this.#machine.restart();
    this.#refusing = false;
    this.#mute = false;
    if (this.#open !== undefined) this.simulation.faults.end(this.#open);
    this.#open = undefined;
    this.#since = undefined;
  }

  /** Nobody is let in any more. */
  refuse(): void {
    this.#begin('refuses');
    this.#refusing = true;
  }

  /** It does what it is asked, and nobody hears of it. */
  loseAnswers(): void {
    this.#begin('loses answers');
    this.#mute = true;
  }

  #begin(what: string, bit: () => boolean = () => this.#denied > 0): void {
    this.#denied = 0;
    this.#since ??= this.simulation.world.now;
    this.#open = this.simulation.faults.begin(`${this.#settings.title} ${what}`, [this.name], bit);
  }

  async #answer(request: HttpRequest, runtime: Runtime): Promise<HttpResponse | undefined> {
    if (this.latency !== undefined) await runtime.clock.sleep(this.latency.sample(this.#thinking));
    const answer = this.#refusing ? (this.#settings.refusal ?? UNAVAILABLE) : this.respond(request, runtime);
    if (this.#mute || this.#refusing) this.#denied++;
    return this.#mute ? undefined : answer;
  }
}

/** A RADIUS server as nodes see it, and what goes wrong with it: gone, slow, losing its answers. */
import type { Distribution } from '../distribution.ts';
import type { Fault } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { RadiusApi } from './radius-api.ts';

const PORT = 1812;
const SECRET = 'canary-shared';

export class RadiusServer {
  readonly name = 'radius';
  /** How long it thinks about a question. */
  latency: Distribution | undefined;
  /** Survives restarts. */
  readonly #api: RadiusApi;
  readonly #simulation: Simulation;
  readonly #machine: Machine;
  readonly #thinking: Stream;
  #mute = false;
  /** Answers that the present fault has cost. */
  #lost = 0;
  #open: Fault | undefined;

  /** It is up at once, with people whose passwords are their names. */
  constructor(simulation: Simulation, people: readonly string[]) {
    this.#simulation = simulation;
    this.#thinking = simulation.world.random(`${this.name}/latency`);
    this.#api = new RadiusApi(simulation.crypto, SECRET, Object.fromEntries(people.map((name) => [name, name])));
    this.#machine = simulation.client(this.name);
    this.#machine.start(({ clock, datagrams }) => {
      datagrams.answerAt(`${this.name}:${PORT}`, async (question) => {
        if (this.latency !== undefined) await clock.sleep(this.latency.sample(this.#thinking));
        if (this.#mute) this.#lost++;
        return this.#mute ? undefined : this.#api.answer(question);
      });
    });
  }

  /** As a mount is configured with. */
  get config(): Record<string, string | number> {
    return { host: this.name, port: PORT, secret: SECRET };
  }

  get away(): boolean {
    return this.#open !== undefined;
  }

  /** Nobody listens there any more. */
  down(): void {
    this.#open = this.#simulation.faults.begin('radius down', [this.name], () => true);
    this.#machine.kill();
  }

  /** It thinks what it would have said. */
  loseAnswers(): void {
    this.#lost = 0;
    this.#open = this.#simulation.faults.begin('radius loses answers', [this.name], () => this.#lost > 0);
    this.#mute = true;
  }

  up(): void {
    if (this.#machine.state !== 'running') this.#machine.restart();
    this.#mute = false;
    if (this.#open !== undefined) this.#simulation.faults.end(this.#open);
    this.#open = undefined;
  }
}

/**
 * Clients that take seats for one, sit a moment and leave: between the acknowledgement of the one and the beginning of
 * the other, nobody else sits there. Each sitting has a name of its own, so that a request that comes late cannot be
 * taken for another one's.
 */
import { parseDuration } from '../../core/codec/duration.ts';
import { type Runtime, SECOND } from '../../core/runtime.ts';
import { type Answered, answered, at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, around, startClient, type Workload } from './workload.ts';

export interface SeatOptions {
  readonly clients: number;
  readonly seats: number;
  /** The pause before each try, and how long one sits: uniform between half and one and a half times this. */
  readonly every: string;
}

/** The status of who is told that somebody sits there. */
const TAKEN = 400;

/** A request about the seat in question, or about who is named on it. */
type Ask = (method: string, name?: string) => Promise<Answered>;

export class SeatWorkload implements Workload {
  readonly #options: SeatOptions;
  /** By seat: who sits there for sure. */
  readonly #sitting = new Map<string, string>();
  taken = 0;
  refused = 0;

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  /** Needs the engine of `sim/engines/seats.ts` at seats/. */
  start(simulation: Simulation, cluster: Cluster): void {
    const { clients, every } = this.#options;
    const options = { timeout: 2 * SECOND, token: cluster.keys.rootToken, follow: false };
    for (let index = 1; index <= clients; index++) {
      let turn = 0;
      startClient(simulation, every, options, async (http, runtime) => {
        const seat = `s${runtime.random.below(this.#options.seats)}`;
        const ask: Ask = (method, name = '') =>
          answered(http.request(cluster.address(anyNode(cluster, runtime)), method, `/v1/seats/seat/${seat}${name}`));
        await this.#sit(runtime, seat, `c${index}-${++turn}`, ask);
      });
    }
  }

  async #sit(runtime: Runtime, seat: string, name: string, ask: Ask): Promise<void> {
    const { status } = await ask('POST', `/${name}`);
    if (status !== 204) {
      if (status === TAKEN) this.refused++;
      // A try without an answer may have got the seat.
      return this.#clear(name.slice(0, name.indexOf('-') + 1), ask);
    }
    const other = this.#sitting.get(seat);
    if (other !== undefined) throw new StoryFailure(`${name} was given the seat ${seat}, on which ${other} sits`);
    this.#sitting.set(seat, name);
    this.taken++;
    await runtime.clock.sleep(around(parseDuration(this.#options.every), runtime.random));
    this.#sitting.delete(seat);
    await ask('DELETE', `/${name}`);
  }

  /** Ends the sittings that a client knows nothing of. */
  async #clear(own: string, ask: Ask): Promise<void> {
    const { json } = await ask('LIST');
    const names = at(json, 'data', 'keys');
    for (const name of Array.isArray(names) ? names : [])
      if (typeof name === 'string' && name.startsWith(own)) await ask('DELETE', `/${name}`);
  }
}

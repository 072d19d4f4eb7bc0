/** The cores of a machine: work takes its service time on the core that is free first, in order of arrival. */
import { type Cpu, type Micros, MILLISECOND } from '../core/runtime.ts';
import { Load } from './load.ts';
import type { Process } from './process.ts';
import type { Distribution } from './distribution.ts';
import type { Stream } from './random.ts';
import { CPU } from './event-kinds.ts';
import type { World } from './world.ts';

/** Micros for one unit of each kind of work. Kinds that are not named cost nothing and take no event. */
export type CostTable = ReadonlyMap<string, Micros>;

/** How long one program keeps a core before another has its turn. */
const SLICE: Micros = 10 * MILLISECOND;

export class Cores {
  readonly #world: World;
  readonly #costs: CostTable;
  /** Service times vary: percent of the table's. */
  readonly #spread: Distribution | undefined;
  readonly #stream: Stream;
  /** When each core is free again. */
  readonly #free: Micros[];
  #slowdown = 100;
  #busy: Micros = 0;
  /** What was worked when, what is queued included. */
  readonly load = new Load();

  /** `name` says which random stream the spread is drawn from. */
  constructor(world: World, name: string, cores: number, costs: CostTable, spread?: Distribution) {
    this.#world = world;
    this.#costs = costs;
    this.#spread = spread;
    this.#stream = world.random(`cpu/${name}`);
    this.#free = Array.from({ length: cores }, () => 0);
  }

  /** How many cores there are. */
  get count(): number {
    return this.#free.length;
  }

  /** Core-micros spent so far, what is queued included. */
  get busy(): Micros {
    return this.#busy;
  }

  /** Everything takes `percent` of its normal time from now on (100 is normal). */
  slow(percent: number): void {
    this.#slowdown = percent;
  }

  /** A new life begins with idle cores. */
  reset(): void {
    this.#free.fill(0);
  }

  spend(process: Process, work: string, units: number): Promise<void> | undefined {
    const cost = this.#costs.get(work) ?? 0;
    if (cost === 0) return undefined;
    const percent = this.#spread === undefined ? 100 : this.#spread.sample(this.#stream);
    return this.#take(process, Math.ceil((cost * units * this.#slowdown * percent) / 10_000));
  }

  /** Work that takes so long where nothing else is done. What else is done has its turns in between. */
  async occupy(process: Process, duration: Micros): Promise<void> {
    for (let left = duration; left > 0; left -= SLICE) {
      await this.#take(process, Math.ceil((Math.min(left, SLICE) * this.#slowdown) / 100));
    }
  }

  #take(process: Process, duration: Micros): Promise<void> {
    const now = this.#world.now;
    let core = 0;
    for (let i = 1; i < this.#free.length; i++) if (this.#free[i]! < this.#free[core]!) core = i;
    const begin = Math.max(now, this.#free[core]!);
    const end = begin + duration;
    this.#free[core] = end;
    this.#busy += duration;
    this.load.add(begin, end);
    return new Promise((resolve) => {
      this.#world.schedule(process, end - now, CPU, resolve, undefined);
    });
  }
}

export class ProcessCpu implements Cpu {
  readonly #cores: Cores;
  readonly #process: Process;

  constructor(cores: Cores, process: Process) {
    this.#cores = cores;
    this.#process = process;
  }

  spend(work: string, units = 1): Promise<void> | void {
    return this.#cores.spend(this.#process, work, units);
  }
}

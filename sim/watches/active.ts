/** When which node of a cluster was active, and when none was. */
import type { Micros } from '../../core/runtime.ts';
import type { Cluster } from '../cluster.ts';
import type { Fault } from '../faults.ts';
import type { Simulation } from '../simulation.ts';
import { type Change, lasted, vacancies, type Vacancy } from './vacancies.ts';

/** What keeps a node from being active, whatever it says itself. */
const STRIKES: readonly string[] = ['kill', 'power loss', 'pause', 'isolate'];
/** What ends without another life. */
const PASSING: readonly string[] = ['pause', 'isolate'];

export class ActiveWatch {
  readonly #said: Change[] = [];
  readonly #simulation: Simulation;
  readonly #began: Micros;

  /** Watches from now on; whoever is active now is. */
  constructor(simulation: Simulation, cluster: Cluster) {
    this.#simulation = simulation;
    this.#began = simulation.world.now;
    for (const node of cluster.names)
      if (cluster.isLatestActive(node)) this.#said.push({ at: this.#began, node, what: 'active' });
    simulation.world.onTrace(({ at, node, event }) => {
      if (event.kind === 'node.state')
        this.#said.push({ at, node, what: event.state === 'active' ? 'active' : 'inactive' });
    });
  }

  get changes(): Change[] {
    const done = this.#simulation.faults.records.filter(({ at }) => at >= this.#began).flatMap(changesOf);
    return [...this.#said, ...done].sort((a, b) => a.at - b.at);
  }

  /** The times without an active node, in order. */
  get vacancies(): Vacancy[] {
    return vacancies(this.changes);
  }

  /** The longest of them so far, in micros. */
  get longest(): Micros {
    return Math.max(0, ...this.vacancies.map((vacancy) => lasted(vacancy, this.#simulation.world.now)));
  }
}

function changesOf({ kind, at, until, nodes }: Fault): Change[] {
  if (!STRIKES.includes(kind)) return [];
  return nodes.flatMap((node): Change[] => [
    { at, node, what: 'struck' },
    ...(until === undefined || !PASSING.includes(kind) ? [] : [{ at: until, node, what: 'whole' as const }]),
  ]);
}

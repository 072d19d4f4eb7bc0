/** Which of the states that a campaign should reach it has reached, and where it first did. */
import { STATES } from '../../sim/explore/coverage.ts';
import type { Played } from './pool.ts';

interface Reached {
  readonly state: string;
  /** How many runs came to it. */
  runs: number;
  /** The first of them. */
  first?: { readonly scenario: string; readonly seed: number };
}

export class Coverage {
  readonly #reached = new Map<string, Reached>(STATES.map(({ name }) => [name, { state: name, runs: 0 }]));

  add({ reached, scenario, seed }: Played): void {
    for (const name of reached) {
      const state = this.#reached.get(name)!;
      state.runs++;
      state.first ??= { scenario, seed };
    }
  }

  get states(): readonly Readonly<Reached>[] {
    return [...this.#reached.values()];
  }

  get missing(): readonly string[] {
    return this.states.filter(({ runs }) => runs === 0).map(({ state }) => state);
  }

  text(): string {
    const { states, missing } = this;
    const width = Math.max(...states.map(({ state }) => state.length));
    const digits = Math.max(...states.map(({ runs }) => String(runs).length));
    const lines = states.flatMap(({ state, runs, first }) =>
      first === undefined
        ? []
        : [`  ${state.padEnd(width)}  ${String(runs).padStart(digits)}  ${first.scenario}, seed ${first.seed}`],
    );
    return [
      `${lines.length} of ${states.length} states were reached: in how many runs, and first in which`,
      ...lines,
      ...(missing.length === 0 ? [] : ['never reached:', ...missing.map((state) => `  ${state}`)]),
    ].join('\n');
  }
}

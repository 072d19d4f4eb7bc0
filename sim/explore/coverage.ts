/** Looks, while a run goes on, for the states that it comes to. It changes nothing of the run. */
import type { TraceEvent, TraceKind } from '../../core/trace.ts';
import type { Simulation } from '../simulation.ts';
import { SoFar } from './so-far.ts';
import type { State } from './state.ts';
import { availabilityStates } from './states/availability.ts';
import { clientStates } from './states/clients.ts';
import { diskStates } from './states/disk.ts';
import { leaseStates } from './states/leases.ts';
import { raftStates } from './states/raft.ts';
import { sealStates } from './states/seals.ts';

/** All that a campaign over all stories should reach. */
export const STATES: readonly State[] = [
  ...raftStates,
  ...diskStates,
  ...availabilityStates,
  ...sealStates,
  ...leaseStates,
  ...clientStates,
];

/**
 * Bringing a cluster up is no adventure: what comes before it is up does not count. Gives what tells, when the run is
 * over, the names of what was reached, in the order of `states`.
 */
export function lookForStates(simulation: Simulation, states: readonly State[] = STATES): () => readonly string[] {
  const reached = new Set<State>();
  const soFar = new SoFar();
  const byKind = new Map<TraceKind, State[]>();
  for (const state of states)
    if (state.kind !== undefined) byKind.set(state.kind, [...(byKind.get(state.kind) ?? []), state]);
  let unheard = states.filter(({ logged }) => logged !== undefined);

  const isUp = (): boolean => simulation.clusters.some(({ keys }) => keys.rootToken !== '');
  const trace = (event: TraceEvent, node: string): void => {
    for (const state of byKind.get(event.kind) ?? [])
      if (!reached.has(state) && isUp() && state.traced!(event, node, soFar)) reached.add(state);
    soFar.add(event, node);
  };
  simulation.world.onTrace(({ event, node }) => trace(event, node));
  simulation.world.onLog((line) => {
    const heard = unheard.filter(({ logged }) => logged!(line));
    if (heard.length === 0 || !isUp()) return;
    for (const state of heard) reached.add(state);
    unheard = unheard.filter((state) => !reached.has(state));
  });
  return () => {
    for (const state of states) if (state.ended?.(simulation) === true) reached.add(state);
    return states.filter((state) => reached.has(state)).map(({ name }) => name);
  };
}

/**
 * A crash where it hurts: right after a node has done something that it must not forget, half do or do twice. Which
 * kind of thing, and after how many of them, the seed decides.
 */
import type { TraceKind } from '../core/trace.ts';
import type { Cluster } from './cluster.ts';
import { FAULT } from './event-kinds.ts';
import type { Stream } from './random.ts';
import type { Simulation } from './simulation.ts';

/** What a node is about when it dies, and of how many of them one is picked. */
const POINTS: readonly (readonly [kind: TraceKind, most: number])[] = [
  ['raft.vote', 2],
  ['raft.append', 60],
  ['raft.commit', 40],
  ['raft.apply', 60],
  ['raft.snapshot', 2],
  ['raft.truncate', 1],
  ['raft.state', 3],
  ['storage.write', 30],
  ['storage.invalidate', 20],
  ['barrier.encrypt', 30],
  ['node.state', 2],
  ['node.reads', 2],
  ['token.revoked', 3],
];
/** Half of the crashes come at once, the others up to so many micros later, between what follows. */
const LATER = 4_000;

/** Lies in wait for the moment; gives what calls it off, and starts the victim again if there was one. */
export function crashPoint(
  simulation: Simulation,
  cluster: Cluster,
  stream: Stream,
  among?: readonly TraceKind[],
): () => void {
  const [kind, most] = stream.pick(POINTS.filter(([point]) => among?.includes(point) ?? true));
  const power = stream.below(2) === 0;
  const delay = stream.below(2) === 0 ? 0 : stream.below(LATER);
  let left = 1 + stream.below(most);
  let waiting = true;
  let calledOff = false;
  let victim: string | undefined;
  simulation.world.onTrace(({ node, event }) => {
    if (!waiting || event.kind !== kind || !cluster.names.includes(node) || --left > 0) return;
    waiting = false;
    // An event of its own: what the node is doing right now it does to its end.
    const strike = (): void => {
      if (calledOff || cluster.machine(node).state !== 'running') return;
      victim = node;
      if (power) cluster.losePower(node);
      else cluster.kill(node);
    };
    simulation.world.schedule(simulation.world.root, delay, FAULT, strike, undefined);
  });
  return () => {
    waiting = false;
    calledOff = true;
    if (victim !== undefined) cluster.restart(victim);
  };
}

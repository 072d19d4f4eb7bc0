/**
 * A crash where it hurts: right after a node has done something that it must not forget, half do or do twice. Which
 * kind of thing, and after how many of them, the seed decides.
 */
import type { TraceEvent, TraceKind } from '../core/trace.ts';
import type { Cluster } from './cluster.ts';
import type { DiskPoint } from './disk/disk.ts';
import { FAULT } from './event-kinds.ts';
import type { Stream } from './random.ts';
import type { Simulation } from './simulation.ts';

/** Something that a node says, or that its disk has done for it. */
export type Point = TraceKind | DiskPoint;

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
/** Where only those strike who ask for it. */
const DISK_POINTS: readonly (readonly [point: DiskPoint, most: number])[] = [
  ['disk.sync', 60],
  ['disk.rename', 3],
];
/** Half of the crashes come at once, the others up to so many micros later, between what follows. */
const LATER = 4_000;

/** A node that refuses its vote, or only says that it would give it, has nothing to remember. */
const counts = (event: TraceEvent): boolean => event.kind !== 'raft.vote' || (event.granted && !event.pre);

/** Lies in wait for the moment; gives what calls it off, and starts the victim again if there was one. */
export function crashPoint(
  simulation: Simulation,
  cluster: Cluster,
  stream: Stream,
  among?: readonly Point[],
): () => void {
  const points = among === undefined ? POINTS : [...POINTS, ...DISK_POINTS].filter(([point]) => among.includes(point));
  const [kind, most] = stream.pick(points);
  const power = stream.below(2) === 0;
  const delay = stream.below(2) === 0 ? 0 : stream.below(LATER);
  let left = 1 + stream.below(most);
  let waiting = true;
  let calledOff = false;
  let victim: string | undefined;
  let aim = '';
  const strike = simulation.faults.belonging(() => {
    if (calledOff || cluster.machine(aim).state !== 'running') return;
    victim = aim;
    if (power) cluster.losePower(aim);
    else cluster.kill(aim);
  });
  const happened = (node: string): void => {
    if (!waiting || !cluster.names.includes(node) || --left > 0) return;
    waiting = false;
    aim = node;
    // An event of its own: what the node is doing right now it does to its end.
    simulation.world.schedule(simulation.world.root, delay, FAULT, strike, undefined);
  };
  if (kind === 'disk.sync' || kind === 'disk.rename') {
    for (const [node, disk] of cluster.disks) disk.onDone = (what) => what === kind && happened(node);
  } else {
    simulation.world.onTrace(({ node, event }) => {
      if (event.kind === kind && counts(event)) happened(node);
    });
  }
  return () => {
    waiting = false;
    calledOff = true;
    if (victim !== undefined) cluster.restart(victim);
  };
}

/** A state that a campaign should reach, and how one knows that a run has come to it. */
import type { TraceEvent, TraceKind } from '../../core/trace.ts';
import type { Simulation } from '../simulation.ts';
import type { NodeLog } from '../world.ts';
import type { SoFar } from './so-far.ts';

export type EventOf<K extends TraceKind> = Extract<TraceEvent, { kind: K }>;

export interface State {
  /** What was reached, as a report says it. */
  readonly name: string;
  /** Asked about each trace event of this kind until it says yes; `soFar` knows all that was before. */
  readonly kind?: TraceKind;
  readonly traced?: (event: TraceEvent, node: string, soFar: SoFar) => boolean;
  /** Asked about each line that a node logs. */
  readonly logged?: (line: NodeLog) => boolean;
  /** Asked when the run is over. */
  readonly ended?: (simulation: Simulation) => boolean;
}

export function traced<K extends TraceKind>(
  name: string,
  kind: K,
  is: (event: EventOf<K>, node: string, soFar: SoFar) => boolean = () => true,
): State {
  return { name, kind, traced: (event, node, soFar) => is(event as EventOf<K>, node, soFar) };
}

/** By the whole message, or what is in it. */
export function logged(name: string, message: string | RegExp): State {
  const is = (said: string): boolean => (typeof message === 'string' ? said === message : message.test(said));
  return { name, logged: (line) => is(line.message) };
}

export const ended = (name: string, is: (simulation: Simulation) => boolean): State => ({ name, ended: is });

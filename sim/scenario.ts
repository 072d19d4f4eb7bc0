/** A story: a name that says what must hold, and a body that is a virtual process of the world. */
import type { Simulation } from './simulation.ts';

/** The least that must have happened, so that a story cannot pass by doing nothing. */
export interface Minimum {
  /** Operations acknowledged to clients. */
  readonly acknowledged?: number;
  /** Faults that had an effect. */
  readonly faults?: number;
  /** Nodes that became leader after the cluster had come up. */
  readonly elections?: number;
  /** Unsynced bytes that a power loss took. */
  readonly bytesLost?: number;
}

export interface ScenarioOptions {
  readonly minimum?: Minimum;
  /** Virtual time after which the story has failed. Default 2h. */
  readonly limit?: string;
  /** Writes in a hundred that may stay without an answer outside of faults. Default 5. */
  readonly unknown?: number;
  /** The recorded conversation that it holds: whoever runs it brings recordings along. */
  readonly recorded?: string;
}

export type Story = (simulation: Simulation) => Promise<void>;

export interface Scenario {
  readonly name: string;
  readonly options: ScenarioOptions;
  readonly body: Story;
}

/** Stories told since they were last taken; how a loader finds out what a file tells. */
const told: Scenario[] = [];

/** Tells a story. Returns it too, for those who run it at once. */
export function scenario(name: string, body: Story): Scenario;
export function scenario(name: string, options: ScenarioOptions, body: Story): Scenario;
export function scenario(name: string, first: Story | ScenarioOptions, second?: Story): Scenario {
  const story: Scenario =
    typeof first === 'function' ? { name, options: {}, body: first } : { name, options: first, body: second! };
  told.push(story);
  return story;
}

/** The stories that were told since the last call. */
export function takeScenarios(): Scenario[] {
  return told.splice(0);
}

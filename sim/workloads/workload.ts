/** What workloads have in common: when a client does its next step, and whom it asks. */
import { parseDuration } from '../../core/codec/duration.ts';
import type { Micros, Random, Runtime } from '../../core/runtime.ts';
import { type ClientOptions, HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import type { History } from '../history.ts';
import type { Simulation } from '../simulation.ts';

export interface Workload {
  start(simulation: Simulation, cluster: Cluster, history: History): void;
}

/** A pause: uniform between half and one and a half times this. */
export const around = (middle: Micros, random: Pick<Random, 'below'>): Micros =>
  Math.floor(middle / 2) + random.below(middle + 1);

export const anyNode = ({ names }: Cluster, { random }: Runtime): string => names[random.below(names.length)]!;

/** Starts a client that does one step after another with such pauses, and rests while the simulation does. */
export function startClient(
  simulation: Simulation,
  every: string,
  options: ClientOptions,
  step: (http: HttpClient, runtime: Runtime) => Promise<void>,
): void {
  const think = parseDuration(every);
  simulation.client().start(async (runtime) => {
    const http = new HttpClient(runtime, options);
    for (;;) {
      await runtime.clock.sleep(around(think, runtime.random));
      if (!simulation.resting) await step(http, runtime);
    }
  });
}

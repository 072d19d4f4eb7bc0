/** Plays failover trials in simulation, by the procedure of the recorded ones. */
import { nodeCrypto } from '../../host/crypto.ts';
import { nodePump } from '../../host/pump.ts';
import { type FailoverFault, measureFailovers } from '../../sim/failover.ts';
import { openbao } from '../../sim/openbao.ts';
import { runScenario } from '../../sim/run.ts';
import { scenario } from '../../sim/scenario.ts';
import { type MachineProfile, measuredMachine } from '../../sim/machine-costs.ts';

export interface Failovers {
  readonly fault: FailoverFault;
  /** performance_multiplier. */
  readonly multiplier: number;
  readonly trials: number;
  readonly seed: number;
  /** The machine on which it happens; the one whose costs every simulation has unless given. */
  readonly machine?: MachineProfile;
}

/** As many trials share a cluster as did in the recorded rows, about. */
const TRIALS_A_CLUSTER = 25;

/** Milliseconds, trial by trial. `ended` is called after each cluster. Throws what went wrong in a run. */
export async function playFailovers(wanted: Failovers, ended?: (trials: number) => void): Promise<number[]> {
  const { fault, multiplier, seed, machine = measuredMachine } = wanted;
  const times: number[] = [];
  for (let cluster = 0; times.length < wanted.trials; cluster += 1) {
    const trials = Math.min(TRIALS_A_CLUSTER, wanted.trials - times.length);
    const story = scenario(`${fault} ×${multiplier}`, { limit: '240h' }, async (sim) => {
      for (const time of await measureFailovers(sim, { fault, multiplier, trials, machine })) times.push(time / 1_000);
    });
    const { costs } = machine;
    const options = { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao, logs: false, costs };
    const { violations } = await runScenario(story, seed + cluster, options);
    if (violations.length > 0) throw new Error(`${story.name}, seed ${seed + cluster}: ${violations[0]!.message}`);
    ended?.(times.length);
  }
  return times;
}

/** Plays a plan under seeds. */
import { nodeCrypto } from '../../host/crypto.ts';
import { nodePump } from '../../host/pump.ts';
import { type Outage, simulatedOutages } from '../../reproduce/outage.ts';
import type { Plan } from '../../reproduce/plan.ts';
import { reenact } from '../../reproduce/play.ts';
import { openbao } from '../../sim/openbao.ts';
import { runScenario, type RunResult } from '../../sim/run.ts';

export interface Reenacted {
  readonly outages: readonly Outage[];
  /** What to add to the run's clock to have the log's. */
  readonly offset: number;
  readonly run: RunResult;
}

export async function playPlan(
  plan: Plan,
  name: string,
  seeds: readonly number[],
  ended?: (played: number) => void,
): Promise<Reenacted[]> {
  const found: Reenacted[] = [];
  for (const seed of seeds) {
    const { scenario, began } = reenact(plan, name);
    const run = await runScenario(scenario, seed, { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao });
    found.push({ outages: simulatedOutages(run, began()), offset: plan.origin - began(), run });
    ended?.(found.length);
  }
  return found;
}

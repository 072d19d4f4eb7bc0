/** Puts a simulated cluster through a plan. script.ts writes the same down; a test holds them together. */
import type { Micros } from '../core/runtime.ts';
import { foremost, hindmost } from '../sim/roles.ts';
import { scenario, type Scenario } from '../sim/scenario.ts';
import type { Simulation } from '../sim/simulation.ts';
import { kv } from '../sim/workloads/kv.ts';
import { waysOf } from './deeds.ts';
import type { Plan } from './plan.ts';

/** What the clients do meanwhile. */
export const CLIENTS = { clients: 3, keys: 10, every: '200ms', timeout: '2s' } as const;
/** How long the cluster has been well before the first deed. */
export const BEFORE = '10s';

/** For how long it is looked on after the last deed: a cluster with a quorum comes back within three elections. */
export const afterwards = ({ whole, multiplier }: Plan): string => (whole ? '5s' : `${15 * multiplier}s`);

export interface Reenactment {
  readonly scenario: Scenario;
  /** When the first deed was done in the run that was played last. */
  readonly began: () => Micros;
}

/** A story of the plan, for whoever runs stories. */
export function reenact(plan: Plan, name: string): Reenactment {
  let began: Micros = 0;
  const body = async (sim: Simulation): Promise<void> => {
    const { nodes, multiplier, oneMachine, profile, shares } = plan;
    const bao = await sim.cluster({
      nodes,
      multiplier,
      ...(oneMachine ? { oneMachine } : {}),
      ...(profile === undefined ? {} : { profile }),
      ...(shares ? { seal: 'shamir' } : {}),
    });
    await bao.mount('secret', 'kv-v2');
    bao.workload(kv.putAndGet(CLIENTS));
    await sim.run(BEFORE);
    began = sim.world.now;
    const struck = new Map<number, string>();
    let now: Micros = 0;
    for (const { at, what, fault, others } of plan.deeds) {
      if (at > now) await sim.sleep(at - now);
      now = at;
      const { kind, active } = plan.faults[fault]!;
      const away = others.map((each) => struck.get(each)!);
      if (what === kind) struck.set(fault, active ? foremost(bao, ...away) : hindmost(bao, ...away));
      for (const way of waysOf(what, kind)) await way.act(sim, bao, struck.get(fault)!);
    }
    if (plan.whole) await bao.ready();
    await sim.run(afterwards(plan));
  };
  const story = scenario(name, { limit: '24h', unknown: 100 }, body);
  return { scenario: story, began: () => began };
}

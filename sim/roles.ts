/** Nodes by what they are at the moment, for stories that strike whoever it is. */
import type { Cluster } from './cluster.ts';
import { StoryFailure } from './failure.ts';

/** The active node; where none is, whoever runs. None of `others`, as long as there is anybody else. */
export function foremost(bao: Cluster, ...others: readonly string[]): string {
  const nodes = candidates(bao, others);
  return nodes.find((name) => bao.isLatestActive(name)) ?? nodes.find((name) => bao.isActive(name)) ?? nodes[0]!;
}

/** Somebody who runs and is not active, if there is anybody. None of `others`, as long as there is anybody else. */
export function hindmost(bao: Cluster, ...others: readonly string[]): string {
  const nodes = candidates(bao, others);
  return nodes.find((name) => !bao.isActive(name)) ?? nodes[0]!;
}

function candidates(bao: Cluster, others: readonly string[]): string[] {
  const living = bao.names.filter((name) => ['running', 'paused'].includes(bao.machine(name).state));
  if (living.length === 0) throw new StoryFailure('no node runs');
  const left = living.filter((name) => !others.includes(name));
  return left.length > 0 ? left : living;
}

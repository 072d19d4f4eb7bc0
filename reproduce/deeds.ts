/** What a plan's deeds are in a simulated cluster: done at once, or written down for a story. */
import type { Cluster } from '../sim/cluster.ts';
import type { Simulation } from '../sim/simulation.ts';
import { openNode } from '../sim/open-node.ts';
import type { FaultKind } from './faults.ts';

interface Way {
  readonly act: (sim: Simulation, bao: Cluster, node: string) => void | Promise<void>;
  /** The same as a line of a story, with the name of the variable that holds the node. */
  readonly line: (node: string) => string;
}

const SLOW_SYNC = '500ms';

const restart: Way = {
  act: (_, bao, node) => bao.restart(node),
  line: (node) => `bao.restart(${node});`,
};

const kill: Way = {
  act: (_, bao, node) => bao.kill(node),
  line: (node) => `bao.kill(${node});`,
};

const open: Way = {
  act: (sim, bao, node) => openNode(sim, bao, node),
  line: (node) => `await openNode(sim, bao, ${node});`,
};

/** What is done at a deed of a fault. */
export function waysOf(what: FaultKind | 'end' | 'open', kind: FaultKind): readonly Way[] {
  if (what === 'open') return [open];
  return WAYS[kind][what === 'end' ? 'end' : 'begin'];
}

/** How each fault begins and ends. Nobody waits for what a node does while it lets go. */
export const WAYS: Readonly<Record<FaultKind, { readonly begin: readonly Way[]; readonly end: readonly Way[] }>> = {
  kill: { begin: [kill], end: [restart] },
  terminate: {
    begin: [
      {
        act: (_, bao, node) => void bao.terminate(node),
        line: (node) => `void bao.terminate(${node});`,
      },
    ],
    end: [restart],
  },
  pause: {
    begin: [{ act: (_, bao, node) => bao.pause(node), line: (node) => `bao.pause(${node});` }],
    end: [{ act: (_, bao, node) => bao.resume(node), line: (node) => `bao.resume(${node});` }],
  },
  isolate: {
    begin: [
      {
        act: (sim, _, node) => sim.network.isolate(node),
        line: (node) => `sim.network.isolate(${node});`,
      },
    ],
    end: [{ act: (sim) => sim.network.heal(), line: () => 'sim.network.heal();' }],
  },
  'step-down': {
    begin: [
      {
        act: (_, bao, node) => void bao.ask('PUT', 'sys/step-down', { node }),
        line: (node) => `void bao.ask('PUT', 'sys/step-down', { node: ${node} });`,
      },
    ],
    end: [],
  },
  slow: {
    // How slow is not in the logs: each sync takes half a second, and a write makes four.
    begin: [
      {
        act: (_, bao, node) => bao.disk(node).delay(SLOW_SYNC),
        line: (node) => `bao.disk(${node}).delay('${SLOW_SYNC}');`,
      },
    ],
    end: [{ act: (_, bao, node) => bao.disk(node).mend(), line: (node) => `bao.disk(${node}).mend();` }],
  },
  seal: {
    begin: [
      {
        act: (_, bao, node) => void bao.ask('PUT', 'sys/seal', { node }),
        line: (node) => `void bao.ask('PUT', 'sys/seal', { node: ${node} });`,
      },
    ],
    // Sealed it stays, until it starts again.
    end: [kill, restart],
  },
};

/** Random faults: one at a time, drawn from the seed, each undone before the next. */
import { parseDuration } from '../core/codec/duration.ts';
import type { Cluster } from './cluster.ts';
import { crashPoint, type Point } from './crash-point.ts';
import type { Stream } from './random.ts';
import type { Simulation } from './simulation.ts';
import { around } from './workloads/workload.ts';

export const NEMESES = [
  'kill',
  'power loss',
  'pause',
  'isolate',
  'partition',
  'one way',
  'clog',
  'swizzle',
  'slow disk',
  'disk stall',
  'cold pages',
  'clock jump',
  'clock drift',
  'crash point',
  'blackout',
  'bridge',
  'bad network',
  'reset',
  'step down',
] as const;
export type NemesisKind = (typeof NEMESES)[number];

export interface NemesisOptions {
  /** All kinds unless given. */
  readonly kinds?: readonly NemesisKind[];
  /** Quiet between two faults: uniform between half and one and a half times this. */
  readonly every: string;
  /** How long a fault lasts, likewise. */
  readonly lasting: string;
  /** What a node has just done when a crash point strikes; anything unless given. */
  readonly points?: readonly Point[];
  /** Tells two nemeses of one story apart. */
  readonly name?: string;
}

/** Begins a fault and gives what undoes it. */
type Nemesis = (simulation: Simulation, cluster: Cluster, stream: Stream, options: NemesisOptions) => () => void;

const nothing = (): void => {};

const MAKERS: Readonly<Record<NemesisKind, Nemesis>> = {
  kill: (_, cluster, stream) => {
    const node = victim(cluster, stream);
    cluster.kill(node);
    return () => cluster.restart(node);
  },
  'power loss': (_, cluster, stream) => {
    const node = victim(cluster, stream);
    cluster.losePower(node);
    return () => cluster.restart(node);
  },
  pause: (_, cluster, stream) => {
    const node = victim(cluster, stream);
    cluster.pause(node);
    return () => cluster.resume(node);
  },
  isolate: (simulation, cluster, stream) => {
    simulation.network.isolate(victim(cluster, stream));
    return () => simulation.network.heal();
  },
  partition: (simulation, cluster, stream) => {
    const nodes = stream.shuffle(cluster.names);
    const cut = stream.between(1, Math.max(1, nodes.length - 1));
    simulation.network.partition(nodes.slice(0, cut), nodes.slice(cut));
    return () => simulation.network.heal();
  },
  'one way': (simulation, cluster, stream) => {
    const [from, ...others] = stream.shuffle(cluster.names);
    simulation.network.oneWay(from!, others);
    return () => simulation.network.heal();
  },
  clog: (simulation, cluster, stream) => {
    const [a, b] = stream.shuffle(cluster.names);
    if (b === undefined) return nothing;
    simulation.network.clog(a!, b, '50ms', '3s');
    return () => simulation.network.heal();
  },
  swizzle: (simulation, cluster, stream) => {
    // After FoundationDB: links go bad one after another, and well again in another order.
    const { network } = simulation.network;
    const before = network.hindered;
    const fault = simulation.faults.begin('swizzle', cluster.names, () => network.hindered > before);
    const pairs = cluster.names.flatMap((a) => cluster.names.filter((b) => b !== a).map((b) => [a, b] as const));
    const bad = stream.shuffle(pairs);
    const well = stream.shuffle(pairs);
    for (let index = 0; index < pairs.length; index++) {
      simulation.later(`${index * 300}ms`, 'swizzle', () => network.block(...bad[index]!));
      simulation.later(`${pairs.length * 300 + index * 300}ms`, 'unswizzle', () => {
        network.link(...well[index]!).blocked = false;
      });
    }
    simulation.later(`${pairs.length * 600}ms`, 'end of swizzle', () => simulation.faults.end(fault));
    return nothing;
  },
  'slow disk': (_, cluster, stream) => {
    const disk = cluster.disk(victim(cluster, stream));
    disk.slow(stream.between(10, 1000));
    return () => disk.mend();
  },
  'disk stall': (_, cluster, stream) => {
    cluster.disk(victim(cluster, stream)).stall(`${stream.between(1, 20)}s`);
    return nothing;
  },
  'cold pages': (_, cluster, stream) => {
    const disk = cluster.disk(victim(cluster, stream));
    disk.chill(`${stream.between(1, 50)}ms`);
    return () => disk.mend();
  },
  'clock jump': (_, cluster, stream) => {
    const node = victim(cluster, stream);
    const by = stream.between(1, 3600);
    cluster.jumpClock(node, `${stream.below(2) === 0 ? '-' : ''}${by}s`);
    return nothing;
  },
  'clock drift': (_, cluster, stream) => {
    const node = victim(cluster, stream);
    cluster.driftClock(node, stream.between(-50_000, 50_000));
    return () => cluster.driftClock(node, 0);
  },
  'crash point': (simulation, cluster, stream, { points }) => crashPoint(simulation, cluster, stream, points),
  blackout: (_, cluster) => {
    const running = cluster.names.filter((name) => cluster.machine(name).state === 'running');
    for (const name of running) cluster.losePower(name);
    return () => {
      for (const name of running) cluster.restart(name);
    };
  },
  bridge: (simulation, cluster, stream) => {
    // Two sides that only one node can reach: each may hear of a majority that the other does not.
    const [middle, ...others] = stream.shuffle(cluster.names);
    const half = Math.ceil(others.length / 2);
    if (middle === undefined || others.length < 2) return nothing;
    simulation.network.partition(others.slice(0, half), others.slice(half));
    return () => simulation.network.heal();
  },
  'bad network': (simulation, cluster, stream) => {
    const { network } = simulation.network;
    const fault = simulation.faults.begin('bad network', cluster.names);
    const pairs = cluster.names.flatMap((a) => cluster.names.filter((b) => b !== a).map((b) => network.link(a, b)));
    const before = pairs.map(({ profile }) => profile);
    const worse = {
      loss: stream.below(200_000),
      reordering: stream.below(200_000),
      duplication: stream.below(200_000),
    };
    for (const link of pairs) link.profile = { ...link.profile, ...worse };
    return () => {
      pairs.forEach((link, index) => (link.profile = before[index]!));
      simulation.faults.end(fault);
    };
  },
  reset: (simulation, cluster, stream) => {
    const [a, b] = stream.shuffle(cluster.names);
    if (b !== undefined) simulation.network.reset(a!, b);
    return nothing;
  },
  'step down': (_, cluster) => {
    const active = cluster.names.findLast((name) => cluster.isLatestActive(name));
    if (active !== undefined) void cluster.ask('PUT', 'sys/step-down', { node: active });
    return nothing;
  },
};

/** Half of the time whoever leads, because that is where faults bite. */
function victim(cluster: Cluster, stream: Stream): string {
  const running = cluster.names.filter((name) => cluster.machine(name).state === 'running');
  const leader = running.find((name) => cluster.isActive(name));
  if (leader !== undefined && stream.below(2) === 0) return leader;
  return stream.pick(running.length > 0 ? running : cluster.names);
}

export function startNemesis(simulation: Simulation, cluster: Cluster, options: NemesisOptions): { stop(): void } {
  const stream = simulation.world.random(`nemesis ${options.name ?? ''}`);
  const kinds = options.kinds ?? NEMESES;
  const within = (duration: string): string => `${around(parseDuration(duration), stream)}us`;
  let stopped = false;
  let undo: (() => void) | undefined;
  const next = (): void => {
    const kind = stream.pick(kinds);
    const planned = simulation.drawn.plan(kind);
    simulation.later(within(options.every), kind, () => {
      if (stopped) return;
      const make = (chance: Stream): (() => void) => MAKERS[kind](simulation, cluster, chance, options);
      const end = simulation.drawn.draw(planned, stream, make) ?? nothing;
      undo = end;
      simulation.later(within(options.lasting), `end of ${kind}`, () => {
        if (undo !== end) return;
        undo = undefined;
        end();
        next();
      });
    });
  };
  next();
  return {
    /** What is going on is undone at once; nothing new begins. */
    stop: () => {
      stopped = true;
      undo?.();
      undo = undefined;
    },
  };
}

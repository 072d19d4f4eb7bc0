/** The ways in which a real cluster is broken. */
import { type Breaker, pause } from './breaker.ts';

export interface Breakdown {
  readonly nodes?: number;
  readonly multiplier?: number;
  readonly level?: string;
  readonly format?: 'standard' | 'json';
  readonly shamir?: boolean;
  /** Each node in a network of its own. */
  readonly apart?: boolean;
  readonly play: (breaker: Breaker) => Promise<void>;
}

async function killAndRestart(breaker: Breaker, away: number): Promise<void> {
  const { leader } = breaker;
  await breaker.kill(leader);
  await pause(away);
  breaker.start(leader);
}

export const BREAKDOWNS: Readonly<Record<string, Breakdown>> = {
  'leader-killed': { play: (breaker) => killAndRestart(breaker, 10_000) },
  'leader-killed-info': { multiplier: 5, level: 'info', play: (breaker) => killAndRestart(breaker, 40_000) },
  'leader-killed-json': {
    multiplier: 2,
    level: 'info',
    format: 'json',
    play: (breaker) => killAndRestart(breaker, 20_000),
  },
  'follower-killed': {
    play: async (breaker) => {
      const follower = breaker.others[0]!;
      await breaker.kill(follower);
      await pause(8_000);
      breaker.start(follower);
    },
  },
  'leader-paused': {
    play: async (breaker) => {
      breaker.stop(breaker.leader);
      await pause(8_000);
      breaker.goOn(breaker.leader);
    },
  },
  'stepped-down': {
    play: async (breaker) => {
      await breaker.ask('step-down', breaker.leader);
      await pause(12_000);
    },
  },
  'leader-terminated': {
    play: async (breaker) => {
      await breaker.terminate(breaker.leader);
      await pause(5_000);
      breaker.start(breaker.leader);
    },
  },
  'leader-sealed': {
    play: async (breaker) => {
      await breaker.ask('seal', breaker.leader);
      await pause(5_000);
      await breaker.kill(breaker.leader);
      breaker.start(breaker.leader);
    },
  },
  'two-killed': {
    play: async (breaker) => {
      const gone = [breaker.leader, breaker.others[0]!];
      await Promise.all(gone.map((node) => breaker.kill(node)));
      await pause(10_000);
      for (const node of gone) breaker.start(node);
    },
  },
  'one-after-another': {
    play: async (breaker) => {
      await killAndRestart(breaker, 6_000);
      await breaker.cluster.healthy();
      await pause(3_000);
      const next = (await breaker.cluster.leader())!;
      await breaker.kill(next);
      await pause(6_000);
      breaker.start(next);
    },
  },
  'all-lost-power': {
    play: async (breaker) => {
      await Promise.all(breaker.cluster.nodes.map((node) => breaker.kill(node)));
      await pause(5_000);
      for (const node of breaker.cluster.nodes) breaker.start(node);
    },
  },
  'all-terminated': {
    level: 'info',
    play: async (breaker) => {
      await Promise.all(breaker.cluster.nodes.map((node) => breaker.terminate(node)));
      await pause(5_000);
      for (const node of breaker.cluster.nodes) breaker.start(node);
    },
  },
  'follower-paused': {
    play: async (breaker) => {
      const follower = breaker.others[0]!;
      breaker.stop(follower);
      await pause(8_000);
      breaker.goOn(follower);
    },
  },
  'follower-cut-off': {
    apart: true,
    play: async (breaker) => {
      const follower = breaker.others[0]!;
      breaker.cut(follower);
      await pause(10_000);
      breaker.heal(follower);
    },
  },
  'five-lose-two': {
    nodes: 5,
    level: 'info',
    play: async (breaker) => {
      const gone = [breaker.leader, breaker.others[0]!];
      await Promise.all(gone.map((node) => breaker.kill(node)));
      await pause(12_000);
      for (const node of gone) breaker.start(node);
    },
  },
  'leader-paused-info': {
    multiplier: 5,
    level: 'info',
    play: async (breaker) => {
      breaker.stop(breaker.leader);
      await pause(40_000);
      breaker.goOn(breaker.leader);
    },
  },
  'two-paused': {
    level: 'info',
    play: async (breaker) => {
      const still = [breaker.leader, breaker.others[0]!];
      for (const node of still) breaker.stop(node);
      await pause(15_000);
      for (const node of still) breaker.goOn(node);
    },
  },
  'all-lost-power-shamir': {
    level: 'info',
    shamir: true,
    play: async (breaker) => {
      const { nodes } = breaker.cluster;
      await Promise.all(nodes.map((node) => breaker.kill(node)));
      await pause(3_000);
      for (const node of nodes) breaker.start(node);
      for (const node of nodes) {
        await pause(5_000);
        await breaker.unseal(node);
      }
    },
  },
  'leader-sealed-shamir': {
    level: 'info',
    shamir: true,
    play: async (breaker) => {
      await breaker.ask('seal', breaker.leader);
      await pause(5_000);
      await breaker.unseal(breaker.leader);
    },
  },
  'leader-cut-off': {
    apart: true,
    play: async (breaker) => {
      breaker.cut(breaker.leader);
      await pause(10_000);
      breaker.heal(breaker.leader);
    },
  },
  'slow-disk': {
    play: async (breaker) => {
      await breaker.slow(breaker.leader, 300);
      await pause(15_000);
      await breaker.mend(breaker.leader);
    },
  },
};

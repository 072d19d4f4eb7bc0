import { describe, expect, test } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { nodePump } from '../../host/pump.ts';
import type { TraceRecord } from '../trace.ts';
import { MILLISECOND, SECOND } from '../runtime.ts';
import type { BenchNode, RaftBenchOptions } from '../../sim/raft-bench.ts';
import { RaftBench } from '../../sim/raft-bench.ts';

const crypto = portableCrypto();

/** A cluster that is watched: the checks of Raft's paper (figure 3) on everything that is traced. */
class Watched {
  readonly cluster: RaftBench;
  readonly said: string[] = [];
  readonly #leaders = new Map<number, string>();
  readonly #applied = new Map<number, string>();
  readonly #appliedBy = new Map<string, number>();

  constructor(options: RaftBenchOptions = {}) {
    this.cluster = new RaftBench(crypto, options);
    this.cluster.bench.world.onTrace((record) => this.#check(record));
    this.cluster.bench.world.onLog(({ node, message }) => this.said.push(`${node}: ${message}`));
  }

  #check({ node, event }: TraceRecord): void {
    if (event.kind === 'raft.state' && event.state === 'leader') {
      expect(this.#leaders.get(event.term) ?? node, `two leaders in term ${event.term}`).toBe(node);
      this.#leaders.set(event.term, node);
    } else if (event.kind === 'raft.apply') {
      const content = `${event.term} ${event.digest}`;
      expect(this.#applied.get(event.index) ?? content, `entry ${event.index} differs`).toBe(content);
      this.#applied.set(event.index, content);
      expect(event.index).toBeGreaterThan(this.#appliedBy.get(node) ?? 0);
      this.#appliedBy.set(node, event.index);
    }
  }

  /** Forgets what a node had applied, because it starts from its disk again. */
  restart(node: BenchNode): void {
    this.#appliedBy.delete(node.name);
    node.raft = undefined;
    node.machine.restart();
  }

  async run(seconds: number, done: () => boolean = () => false): Promise<void> {
    const end = this.cluster.now + seconds * SECOND;
    await nodePump(this.cluster.bench.world, () => done() || this.cluster.bench.world.nextTime > end);
    expect(this.cluster.bench.world.crashes).toEqual([]);
  }

  async leader(not?: BenchNode): Promise<BenchNode> {
    await this.run(120, () => this.cluster.leader !== undefined && this.cluster.leader !== not);
    const { leader } = this.cluster;
    expect(leader, this.said.slice(-30).join('\n')).toBeDefined();
    return leader!;
  }

  /** Waits for a promise by letting the world run. */
  async get<T>(promise: Promise<T>, seconds = 60): Promise<T> {
    let settled = false;
    promise.then(
      () => (settled = true),
      () => (settled = true),
    );
    await this.run(seconds, () => settled);
    expect(settled, 'the promise settles in time').toBe(true);
    return promise;
  }

  write(node: BenchNode, text: string): Promise<unknown> {
    return node.raft!.apply(encodeUtf8(text));
  }

  lines(): string[] {
    return this.cluster.nodes.map(({ fsm }) => fsm?.lines.join(' ') ?? '');
  }

  others(leader: BenchNode): BenchNode[] {
    return this.cluster.nodes.filter((node) => node !== leader);
  }
}

describe('three nodes', () => {
  test('elect a leader and replicate what it is given', async () => {
    const w = new Watched();
    const leader = await w.leader();
    const results = [w.write(leader, 'a'), w.write(leader, 'b'), w.write(leader, 'c')];
    expect(await w.get(Promise.all(results))).toEqual([1, 2, 3]);
    await w.run(1);
    expect(w.lines()).toEqual(['a b c', 'a b c', 'a b c']);
  });

  test('lose no acknowledged write when the leader is killed, and take it back', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const first = await w.leader();
    await w.get(w.write(first, 'a'));
    first.machine.kill();
    const second = await w.leader();
    expect(second).not.toBe(first);
    await w.get(w.write(second, 'b'));
    w.restart(first);
    await w.run(2);
    expect(w.lines()).toEqual(['a b', 'a b', 'a b']);
    expect(w.said).toContain(`${second.name}: election won`);
  });

  test('depose a leader that was paused, which then steps down', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const first = await w.leader();
    await w.run(5);
    first.machine.pause();
    const second = await w.leader(first);
    await w.get(w.write(second, 'a'));
    first.machine.resume();
    const late = w.write(first, 'late');
    await expect(w.get(late)).rejects.toThrow(/leadership lost|not the leader/);
    await w.run(2);
    expect(w.lines()).toEqual(['a', 'a', 'a']);
    expect(first.raft!.isLeader()).toBe(false);
  });

  test('a leader without its followers steps down within two leases', async () => {
    const w = new Watched({ performanceMultiplier: 5 });
    const leader = await w.leader();
    await w.run(20);
    for (const other of w.others(leader)) other.machine.kill();
    await w.run(5.1);
    expect(leader.raft!.state).not.toBe('leader');
    expect(w.said).toContain(`${leader.name}: failed to contact quorum of nodes, stepping down`);
  });

  test('a restarted cluster keeps term, vote and log', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const leader = await w.leader();
    await w.get(Promise.all(['a', 'b'].map((text) => w.write(leader, text))));
    const term = leader.raft!.term();
    for (const { machine } of w.cluster.nodes) machine.losePower();
    for (const node of w.cluster.nodes) w.restart(node);
    const next = await w.leader();
    expect(next.raft!.term()).toBeGreaterThan(term);
    await w.get(next.raft!.barrier());
    await w.run(1);
    expect(w.lines()).toEqual(['a b', 'a b', 'a b']);
  });
});

describe('leadership', () => {
  test('moves on request to a follower that is up to date, without waiting for any timeout', async () => {
    const w = new Watched();
    const first = await w.leader();
    await w.get(w.write(first, 'a'));
    const before = w.cluster.now;
    await w.get(first.raft!.transferLeadership());
    const second = await w.leader(first);
    expect(w.cluster.now - before).toBeLessThan(50 * MILLISECOND);
    await w.get(w.write(second, 'b'));
    await expect(w.get(w.write(first, 'c'))).rejects.toThrow('node is not the leader');
    await w.run(1);
    expect(w.lines()).toEqual(['a b', 'a b', 'a b']);
  });

  test('does not move to a stopped follower: the transfer times out and writing goes on', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const leader = await w.leader();
    await w.run(5);
    const [target] = w.others(leader);
    target!.machine.pause();
    const transfer = leader.raft!.transferLeadership({ id: target!.name, address: `${target!.name}:8201` });
    await expect(w.get(transfer)).rejects.toThrow('leadership transfer timeout');
    await w.get(w.write(leader, 'a'));
  });

  test('is verified by a majority, and refused without one', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const leader = await w.leader();
    await w.get(leader.raft!.verifyLeader());
    for (const other of w.others(leader)) other.machine.pause();
    // Whoever has answered a heartbeat already vouches for it still.
    await w.run(0.01);
    await expect(w.get(leader.raft!.verifyLeader())).rejects.toThrow('leadership lost while committing log');
  });
});

describe('the configuration', () => {
  test('takes a non-voter, which becomes a voter, and lets a server go', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const leader = await w.leader();
    await w.get(w.write(leader, 'a'));
    const present = leader.raft!.configuration().configuration.servers;
    const joining = w.cluster.add('n4', [...present, { id: 'n4', address: 'n4:8201', suffrage: 'nonvoter' }]);
    await w.get(leader.raft!.addNonvoter('n4', 'n4:8201'));
    await w.run(3);
    expect(joining.fsm!.lines).toEqual(['a']);
    expect(joining.raft!.state).toBe('follower');
    await w.get(leader.raft!.addVoter('n4', 'n4:8201'));
    const [gone] = w.others(leader);
    await w.get(leader.raft!.removeServer(gone!.name));
    await w.run(10);
    expect(leader.raft!.configuration().configuration.servers.map(({ id }) => id)).not.toContain(gone!.name);
    expect(gone!.raft!.state).toBe('follower');
    const quiet = 'not part of a stable configuration or a non-voter, not triggering a leader election';
    expect(w.said).toContain(`${gone!.name}: heartbeat timeout reached, ${quiet}`);
    expect(joining.raft!.configuration()).toEqual(leader.raft!.configuration());
  });

  test('without its leader makes the leader shut down, and the rest elect another', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const leader = await w.leader();
    await w.get(leader.raft!.removeServer(leader.name));
    await w.run(0.1);
    expect(leader.raft!.state).toBe('shutdown');
    expect((await w.leader(leader)).raft!.configuration().configuration.servers).toHaveLength(2);
  });

  test('takes a second voter that has not been heard of, which is asked only from then on', async () => {
    const w = new Watched({ performanceMultiplier: 1, nodes: 1 });
    const leader = await w.leader();
    await w.get(leader.raft!.addVoter('n2', 'n2:8201'));
    await expect(w.get(w.write(leader, 'a'))).rejects.toThrow('leadership lost while committing log');
  });

  test('without its leader lets the leader commit nothing more, whatever was under way', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const leader = await w.leader();
    const commits: number[] = [];
    w.cluster.bench.world.onTrace(({ node, event }) => {
      if (node === leader.name && event.kind === 'raft.commit') commits.push(event.index);
    });
    const removed = leader.raft!.removeServer(leader.name);
    // A write after another, each in an entry of its own.
    for (let number = 0; number < 50; number++) {
      w.write(leader, `${number}`).catch(() => {});
      await w.run(0.002);
    }
    const index = await w.get(removed);
    await w.run(0.1);
    // The first that covers its removal is its last.
    expect(commits.findIndex((at) => at >= index)).toBe(commits.length - 1);
  });

  test('changes one at a time, in order', async () => {
    const w = new Watched({ performanceMultiplier: 1 });
    const leader = await w.leader();
    const changes = ['x', 'y', 'z'].map((id) => leader.raft!.addNonvoter(id, `${id}:1`));
    const indexes = await w.get(Promise.all(changes));
    expect(indexes).toEqual([...indexes].sort((a, b) => a - b));
    await expect(w.get(leader.raft!.addVoter('w', 'x:1'))).rejects.toThrow(
      'found duplicate address in configuration: x:1',
    );
  });
});

describe('snapshots', () => {
  const small = { performanceMultiplier: 1, snapshotThreshold: 20, trailingLogs: 5, snapshotInterval: 5 * SECOND };

  test('bring up a follower whose entries are gone from the log', async () => {
    const w = new Watched(small);
    const leader = await w.leader();
    const [behind] = w.others(leader);
    behind!.machine.kill();
    const texts = Array.from({ length: 300 }, (_, n) => `w${n}`);
    await w.get(Promise.all(texts.map((text) => w.write(leader, text))));
    await w.run(15);
    w.restart(behind!);
    // The leader's lane backs off for up to ten seconds.
    await w.run(15);
    expect(behind!.fsm!.lines).toEqual(texts);
    expect(w.said).toContain(`${behind!.name}: Installed remote snapshot`);
    await w.get(w.write(leader, 'after'));
    await w.run(1);
    expect(behind!.fsm!.lines.at(-1)).toBe('after');
    behind!.machine.kill();
    w.restart(behind!);
    await w.run(2);
    expect(behind!.fsm!.lines).toHaveLength(301);
  });

  test('that a follower cannot keep are refused, and tried again', async () => {
    const w = new Watched(small);
    const leader = await w.leader();
    const [behind] = w.others(leader);
    behind!.machine.kill();
    await w.get(Promise.all(Array.from({ length: 100 }, (_, n) => w.write(leader, `w${n}`))));
    await w.run(15);
    behind!.machine.disk.failingSyncs = 1;
    w.restart(behind!);
    await w.run(15);
    expect(w.said).toContain(`${behind!.name}: failed to copy snapshot`);
    await w.run(30);
    expect(behind!.fsm!.lines).toHaveLength(100);
  });

  test('are taken on request, and refused when there is nothing new', async () => {
    const w = new Watched(small);
    const leader = await w.leader();
    await w.get(w.write(leader, 'a'));
    const { meta, state } = await w.get(leader.raft!.snapshot());
    expect(meta.index).toBe(leader.raft!.lastIndex());
    state.release();
    leader.machine.kill();
    w.restart(leader);
    await w.run(0.05);
    await expect(w.get(leader.raft!.snapshot(), 0.1)).rejects.toThrow('nothing new to snapshot');
  });

  test("of an operator become every node's state, with a hole in the log", async () => {
    const w = new Watched({ ...small, performanceMultiplier: 1 });
    const leader = await w.leader();
    await w.get(w.write(leader, 'old'));
    const { meta, state } = await w.get(leader.raft!.snapshot());
    await w.get(w.write(leader, 'newer'));
    await w.get(leader.raft!.restore(meta, state.read()));
    await w.run(3);
    expect(w.lines()).toEqual(['old', 'old', 'old']);
    await w.get(w.write(leader, 'next'));
    await w.run(1);
    expect(w.lines()).toEqual(['old next', 'old next', 'old next']);
  });
});

/** Of a run with an election, a write and a failover. */
async function digest(seed: string): Promise<string> {
  const w = new Watched({ seed, performanceMultiplier: 1 });
  const leader = await w.leader();
  await w.get(w.write(leader, 'a'));
  leader.machine.kill();
  await w.leader(leader);
  return w.cluster.bench.world.hash.digest;
}

test('the same seed gives the same run, bit for bit', async () => {
  expect(await digest('7')).toBe(await digest('7'));
  expect(await digest('7')).not.toBe(await digest('8'));
});

test('random kills, pauses and power losses lose no acknowledged write', async () => {
  for (const seed of ['1', '2', '3', '4', '5', '6']) {
    const w = new Watched({
      seed,
      performanceMultiplier: 1,
      snapshotThreshold: 30,
      trailingLogs: 10,
      snapshotInterval: 3 * SECOND,
    });
    const chance = w.cluster.bench.world.random('faults');
    const acknowledged: string[] = [];
    let count = 0;
    await w.leader();
    for (let round = 0; round < 25; round++) {
      const node = w.cluster.nodes[chance.below(3)]!;
      const fault = chance.below(3);
      if (fault === 0) node.machine.kill();
      else if (fault === 1) node.machine.pause();
      else node.machine.losePower();
      for (let step = 0; step < 10; step++) {
        const { leader } = w.cluster;
        const text = `${seed}.${count++}`;
        if (leader !== undefined) {
          w.write(leader, text).then(
            () => acknowledged.push(text),
            () => {},
          );
        }
        await w.run(0.2 + chance.below(400) / 1000);
      }
      if (fault === 1) node.machine.resume();
      else w.restart(node);
      await w.run(chance.below(2000) / 1000);
    }
    await w.run(10);
    const leader = await w.leader();
    await w.get(leader.raft!.barrier());
    await w.run(20);
    const [a, b, c] = w.lines();
    expect(b).toBe(a);
    expect(c).toBe(a);
    expect(acknowledged.length).toBeGreaterThan(40);
    const kept = new Set(a!.split(' '));
    expect(acknowledged.filter((text) => !kept.has(text))).toEqual([]);
  }
});

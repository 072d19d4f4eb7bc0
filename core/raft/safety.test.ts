import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { MILLISECOND, SECOND } from '../runtime.ts';
import type { TraceEvent } from '../trace.ts';
import { Bed } from './bed.ts';
import { encodeConfiguration } from './configuration.ts';
import { transferLeadership } from './transfer.ts';
import type { Server } from './types.ts';

const names = ['n1', 'n2', 'n3', 'n4', 'n5'];
const serversOf = (count: number): Server[] =>
  names.slice(0, count).map((id) => ({ id, address: `${id}:8201`, suffrage: 'voter' }));

/** The promises of Raft's paper, figure 3, held against every event of a run. */
class Checker {
  readonly #leaders = new Map<number, string>();
  readonly #logs = new Map<string, Map<number, string>>();
  readonly #committed = new Map<number, string>();
  readonly #commitIndex = new Map<string, number>();

  check(node: string, event: TraceEvent): void {
    const log = this.#log(node);
    switch (event.kind) {
      case 'raft.state':
        if (event.state === 'leader') this.#elected(node, event.term);
        return;
      case 'raft.append':
        log.set(event.index, `${event.term} ${event.digest}`);
        this.#matching(node, event.index);
        return;
      case 'raft.truncate':
        for (const index of log.keys()) {
          if (index < event.from) continue;
          expect(this.#committed.get(index) === log.get(index), `${node} truncates committed entry ${index}`).toBe(
            false,
          );
          log.delete(index);
        }
        return;
      case 'raft.apply': {
        const content = `${event.term} ${event.digest}`;
        expect(this.#committed.get(event.index) ?? content, `entry ${event.index} is applied in two forms`).toBe(
          content,
        );
        this.#committed.set(event.index, content);
        expect(event.index).toBeGreaterThan(this.#commitIndex.get(node) ?? 0);
        this.#commitIndex.set(node, event.index);
        return;
      }
      case 'raft.snapshot':
        if (event.what !== 'installed') return;
        for (const index of log.keys()) log.delete(index);
        for (const [index, content] of this.#committed) if (index <= event.index) log.set(index, content);
        this.#commitIndex.set(node, event.index);
        return;
      default:
        return;
    }
  }

  crashed(node: string, applied: number): void {
    this.#commitIndex.set(node, applied);
  }

  #log(node: string): Map<number, string> {
    let log = this.#logs.get(node);
    if (log === undefined) this.#logs.set(node, (log = new Map()));
    return log;
  }

  /** Election safety and leader completeness. */
  #elected(node: string, term: number): void {
    expect(this.#leaders.get(term) ?? node, `two leaders in term ${term}`).toBe(node);
    this.#leaders.set(term, node);
    const log = this.#log(node);
    for (const [index, content] of this.#committed) {
      expect(log.get(index) ?? content, `${node} leads without entry ${index}`).toBe(content);
    }
  }

  /** Log matching: the same index and term, the same entry. */
  #matching(node: string, index: number): void {
    const mine = this.#log(node).get(index)!;
    const [term] = mine.split(' ');
    for (const [other, log] of this.#logs) {
      const theirs = log.get(index);
      if (other !== node && theirs?.split(' ')[0] === term)
        expect(mine, `${node} and ${other} at ${index}`).toBe(theirs);
    }
  }
}

type Move =
  | { readonly do: 'run' | 'propose'; readonly time: number }
  | { readonly do: 'crash' | 'restart' | 'transfer' | 'snapshot'; readonly node: number }
  | { readonly do: 'cut' | 'oneWay'; readonly node: number; readonly peer: number }
  | { readonly do: 'heal' };

const node = fc.nat(4);
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('run' as const, 'propose' as const),
      time: fc.integer({ min: 1, max: 3000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('crash' as const, 'restart' as const, 'transfer' as const, 'snapshot' as const),
      node,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'oneWay' as const), node, peer: node }) },
  { weight: 1, arbitrary: fc.constant({ do: 'heal' as const }) },
);

const runs = Number(
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['RAFT_RUNS'] ?? 60,
);

test.prop([fc.constantFrom(3, 5), fc.nat(), fc.array(move, { minLength: 10, maxLength: 60 })], { numRuns: runs })(
  'whatever is lost, late, cut or restarted: one leader a term, one content an index, nothing committed is lost',
  (count, seed, moves) => {
    let state = seed + 1;
    const below = (bound: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * bound);
    };
    const checker = new Checker();
    const cut = new Set<string>();
    let calm = false;
    const latency = (from: string, to: string): number | undefined => {
      if (calm) return MILLISECOND;
      if (cut.has(`${from} ${to}`) || below(50) === 0) return undefined;
      return below(20) === 0 ? below(800) * MILLISECOND : below(5 * MILLISECOND);
    };
    const said: string[] = [];
    const options = {
      onLog: (id: string, _: string, message: string, fields: object) =>
        said.push(`${Math.floor(bed.now / 1000)} ${id} ${message} ${JSON.stringify(fields)}`),
      below,
      latency,
      sync: () => (!calm && below(30) === 0 ? below(1500) * MILLISECOND : below(3 * MILLISECOND)),
      onTrace: (id: string, event: TraceEvent) => checker.check(id, event),
    };
    const bed: Bed = new Bed(options, { snapshotThreshold: 20, trailingLogs: 5, snapshotInterval: 2 * SECOND });
    const servers = serversOf(count);
    for (const { id } of servers) {
      bed.add(id, servers, (all) => encodeConfiguration({ servers: all }));
      bed.start(id);
    }
    let written = 0;
    for (const wanted of moves) {
      const id = 'node' in wanted ? servers[wanted.node % count]!.id : '';
      const { machine } = id === '' ? { machine: undefined } : bed.node(id);
      if (wanted.do === 'run') bed.run(wanted.time * MILLISECOND);
      else if (wanted.do === 'propose') {
        const leader = bed.leader();
        if (leader !== undefined) for (let n = 0; n < 10; n++) bed.propose(leader, `w${written++}`);
        bed.run(wanted.time * 50);
      } else if (wanted.do === 'crash') {
        bed.crash(id);
        checker.crashed(id, bed.node(id).durable.applied.index);
      } else if (wanted.do === 'restart' && machine === undefined) bed.start(id);
      else if (wanted.do === 'transfer') machine?.main(() => transferLeadership(machine, bed.future(), undefined));
      else if (wanted.do === 'snapshot') machine?.snapshots.request(bed.future());
      else if (wanted.do === 'cut' || wanted.do === 'oneWay') {
        const peer = servers[wanted.peer % count]!.id;
        cut.add(`${id} ${peer}`);
        if (wanted.do === 'cut') cut.add(`${peer} ${id}`);
      } else if (wanted.do === 'heal') cut.clear();
    }
    // Left in peace, the nodes find a leader again and agree.
    calm = true;
    for (const { id } of servers) if (bed.node(id).machine === undefined) bed.start(id);
    bed.run(40 * SECOND);
    const leader = bed.leader();
    expect(leader, said.slice(-40).join('\n')).toBeDefined();
    const last = bed.propose(leader!, 'last');
    bed.run(30 * SECOND);
    if (!bed.node(leader!).results.get(last)!.startsWith('done')) return;
    for (const { id } of servers) {
      expect(
        bed.node(id).durable.state.filter((text) => text === 'last'),
        id,
      ).toEqual(['last']);
    }
  },
);

import { describe, expect, test } from 'vitest';
import { portableCrypto } from '../../core/crypto/portable.ts';
import type { TraceEvent } from '../../core/trace.ts';
import { nodePump } from '../../host/pump.ts';
import { History, type Operation } from '../history.ts';
import { runScenario, type RunResult } from '../run.ts';
import { scenario } from '../scenario.ts';
import { Simulation } from '../simulation.ts';
import { toy } from '../toy.fixture.ts';
import { World } from '../world.ts';
import { kv } from '../workloads/kv.ts';
import { lookForStates, STATES } from './coverage.ts';

const crypto = portableCrypto();

/** A cluster that is up, and what its runs came to. */
function watched(up = true) {
  const world = new World('1');
  const simulation = new Simulation(world, { crypto, nodeFactory: toy() });
  const cluster = simulation.prepare({ nodes: 3 });
  if (up) cluster.keys = { shares: [], rootToken: 's.root' };
  return { world, simulation, reached: lookForStates(simulation) };
}

type Step = readonly [node: string, event: TraceEvent];

function reachedBy(steps: readonly Step[], up = true): readonly string[] {
  const { world, reached } = watched(up);
  for (const [node, event] of steps) world.trace(node, event);
  return reached();
}

const role = (node: string, state: 'candidate' | 'leader' | 'follower', term: number): Step => [
  node,
  { kind: 'raft.state', state, term },
];
const members = (node: string, index: number, ids: readonly string[]): Step => [
  node,
  { kind: 'raft.configuration', index, servers: ids.map((id) => ({ id, voter: true })) },
];
const lease = (node: string, what: 'registered' | 'renewed' | 'revoked' | 'failed' | 'restored'): Step => [
  node,
  { kind: 'lease', what, id: 'auth/token/create/1' },
];
const exchange = (node: string, method: string, path: string, status: number, sealed = false): Step[] => [
  [node, { kind: 'http.request', id: 1, method, path }],
  [node, { kind: 'http.response', id: 1, status, sealed }],
];
const is = (node: string, state: 'active' | 'standby'): Step => [node, { kind: 'node.state', state }];
const start = (node: string): Step => [node, { kind: 'node.start' }];

test('states have names of their own, and each can be reached', () => {
  expect(new Set(STATES.map(({ name }) => name)).size).toBe(STATES.length);
  expect(STATES.filter((state) => (state.traced ?? state.logged ?? state.ended) === undefined)).toEqual([]);
});

test.each<[string, readonly Step[], readonly Step[]]>([
  [
    'an election was lost to a split vote',
    [role('n1', 'candidate', 2), role('n2', 'candidate', 2), role('n1', 'candidate', 3), role('n1', 'leader', 3)],
    [role('n1', 'candidate', 2), role('n2', 'candidate', 2), role('n1', 'leader', 2), role('n3', 'leader', 3)],
  ],
  [
    'an old leader still led when a new one was elected',
    [role('n1', 'leader', 2), role('n2', 'leader', 3)],
    [role('n1', 'leader', 2), role('n1', 'follower', 3), role('n2', 'leader', 3), start('n2'), role('n3', 'leader', 4)],
  ],
  [
    'a node started with a vote that it had given away in this term',
    [['n1', { kind: 'raft.recovered', base: 0, last: 3, applied: 3, term: 4, voteTerm: 4, candidate: 'n2' }]],
    [['n1', { kind: 'raft.recovered', base: 0, last: 3, applied: 3, term: 4, voteTerm: 4, candidate: 'n1' }]],
  ],
  [
    'a member was removed',
    [members('n1', 5, ['n1', 'n2', 'n3']), members('n1', 9, ['n1', 'n3'])],
    [members('n1', 5, ['n1', 'n2', 'n3']), members('n1', 3, ['n1', 'n2']), members('n2', 9, ['n1'])],
  ],
  [
    'a change of the members was taken back',
    [members('n1', 5, ['n1', 'n2', 'n3']), members('n1', 3, ['n1', 'n2'])],
    [members('n1', 5, ['n1', 'n2', 'n3']), start('n1'), members('n1', 3, ['n1', 'n2'])],
  ],
  ['another node took over', [is('n1', 'active'), is('n2', 'active')], [is('n1', 'active'), is('n1', 'active')]],
  [
    'a node became active again',
    [is('n1', 'active'), is('n2', 'active'), is('n1', 'active')],
    [is('n1', 'active'), is('n2', 'active'), is('n3', 'active')],
  ],
  [
    'a standby forgot what its leader had changed',
    [is('n1', 'active'), ['n2', { kind: 'storage.invalidate', keys: 1, index: 7 }]],
    [is('n1', 'active'), ['n1', { kind: 'storage.invalidate', keys: 1, index: 7 }]],
  ],
  [
    'a leader read the leases of its predecessor',
    [lease('n1', 'registered'), lease('n2', 'restored')],
    [lease('n1', 'registered'), lease('n1', 'restored')],
  ],
  [
    'a lease was renewed under another leader than made it',
    [lease('n1', 'registered'), lease('n2', 'renewed')],
    [lease('n1', 'registered'), lease('n1', 'renewed')],
  ],
  [
    'a lease was revoked under another leader than made it',
    [lease('n1', 'registered'), lease('n2', 'revoked')],
    [lease('n1', 'registered'), lease('n1', 'revoked')],
  ],
  ['a revocation that had failed succeeded', [lease('n1', 'failed'), lease('n1', 'revoked')], [lease('n1', 'revoked')]],
  [
    'a revocation that had failed succeeded under another leader',
    [lease('n1', 'failed'), lease('n2', 'revoked')],
    [lease('n1', 'failed'), lease('n1', 'revoked')],
  ],
  [
    'a namespace that was to go was told so again, at another node',
    [
      ...exchange('n1', 'DELETE', '/v1/sys/namespaces/a', 200),
      ...exchange('n2', 'DELETE', '/v1/sys/namespaces/a', 200),
    ],
    [
      ...exchange('n1', 'DELETE', '/v1/sys/namespaces/a', 200),
      ...exchange('n1', 'DELETE', '/v1/sys/namespaces/a', 200),
    ],
  ],
  [
    'a client was told to slow down',
    exchange('n1', 'GET', '/v1/secret/data/a', 429),
    exchange('n1', 'GET', '/v1/sys/health', 429),
  ],
  [
    'a sealed node was asked for more than its state',
    exchange('n1', 'GET', '/v1/secret/data/a', 503, true),
    exchange('n1', 'GET', '/v1/sys/health', 503, true),
  ],
])('%s', (name, steps, others) => {
  expect(reachedBy(steps)).toContain(name);
  expect(reachedBy(others)).not.toContain(name);
  // Bringing a cluster up is no adventure.
  expect(reachedBy(steps, false)).toEqual([]);
});

test('what nodes log counts once their cluster is up', () => {
  for (const up of [true, false]) {
    const { world, reached } = watched(up);
    world.log({ at: 0, wall: 0, node: 'n1', level: 'info', name: 'core', message: 'seal migration complete' });
    world.log({ at: 0, wall: 0, node: 'n1', level: 'info', name: 'core', message: 'not a seal migration complete' });
    expect(reached()).toEqual(up ? ['a seal was migrated'] : []);
  }
});

describe('of what clients saw', () => {
  const seen = (operations: readonly Partial<Operation>[]): readonly string[] => {
    const { world, simulation, reached } = watched();
    const history = new History(world);
    history.operations.push(
      ...operations.map((one): Operation => {
        return { client: 'c1', kind: 'put', key: 'k', node: 'n1', invoked: 0, returned: 1, outcome: 'ok', ...one };
      }),
    );
    simulation.histories.push(history);
    return reached();
  };
  const last = (version: number) => ({ client: 'operator', kind: 'get', version }) as const;

  test('a write without an answer had happened, or had not', () => {
    expect(seen([{ version: 1 }, { outcome: 'unknown' }, last(2)])).toEqual(['a write without an answer had happened']);
    expect(seen([{ version: 1 }, { outcome: 'unknown' }, last(1)])).toEqual([
      'a write without an answer had not happened',
    ]);
    expect(seen([{ version: 1 }, { outcome: 'unknown' }])).toEqual([]);
  });

  test('a standby answered what was overwritten before it was asked', () => {
    const stale = { kind: 'get', version: 1, stale: true, invoked: 10, returned: 11 } as const;
    expect(seen([{ version: 1 }, { version: 2, returned: 9 }, stale])).toEqual([
      'a standby answered what was overwritten',
    ]);
    expect(seen([{ version: 1 }, { version: 2, returned: 10 }, stale])).toEqual([]);
  });
});

test('looking changes nothing of a run, and finds what it comes to', async () => {
  const story = scenario('power', async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    bao.workload(kv.putAndGet({ clients: 3, keys: 2, every: '5ms', timeout: '1s' }));
    for (let turn = 0; turn < 20; turn++) {
      await sim.run('1s');
      bao.losePower('n1');
      bao.restart('n1');
    }
  });
  const run = (coverage: boolean): Promise<RunResult> =>
    runScenario(story, 1, {
      pump: nodePump,
      crypto,
      nodeFactory: toy({ forgetsSync: true }),
      standard: false,
      coverage,
    });
  const [without, looked] = [await run(false), await run(true)];
  expect(looked.hash).toBe(without.hash);
  expect(without.reached).toEqual([]);
  expect(looked.reached).toContain('a power loss took unsynced bytes');
});

/** A checker that cannot fail is worth nothing: each is shown what it must find, and what it must let pass. */
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { TraceEvent } from '../../core/trace.ts';
import { CanariesStayHidden } from './canaries.ts';
import { type Checker, Verdicts } from './checker.ts';
import { DeposedLeadersGiveWay } from './deposed.ts';
import { KvIsLinearizable } from './histories.ts';
import { OneLeaderATerm } from './leaders.ts';
import { LeadersKeepTheRules } from './leadership.ts';
import { LogsAgree } from './logs.ts';
import { MembersAgree } from './members.ts';
import { NoncesAreFresh } from './nonces.ts';
import { SealedNodesAreSilent } from './sealed.ts';
import { SealedNodesHoldNoKeys } from './sealed-keys.ts';
import { StandbysNeverWrite } from './standbys.ts';
import { SameStateAtSameIndex } from './states.ts';

type Step = readonly [node: string, event: TraceEvent];

/** What the checker says when it sees these events in this order. */
function said(make: (verdicts: Verdicts) => Checker, steps: readonly Step[]): string[] {
  const verdicts = new Verdicts();
  const checker = make(verdicts);
  steps.forEach(([node, event], at) => checker.observe!({ at, node, event }));
  return verdicts.violations.map(({ message }) => message);
}

const leader = (node: string, term: number): Step => [node, { kind: 'raft.state', state: 'leader', term }];
const vote = (node: string, candidate: string, term: number, pre = false): Step => [
  node,
  { kind: 'raft.vote', candidate, term, pre, granted: true },
];
const append = (node: string, index: number, term = 1, digest = `${index}/${term}`): Step => [
  node,
  { kind: 'raft.append', index, term, digest },
];
const commit = (node: string, index: number, term = 1): Step => [node, { kind: 'raft.commit', index, term }];
const truncate = (node: string, from: number): Step => [node, { kind: 'raft.truncate', from }];
const installed = (node: string, index: number, term: number, state?: string): Step => [
  node,
  { kind: 'raft.snapshot', what: 'installed', index, term, ...(state === undefined ? {} : { state }) },
];
const recovered = (
  node: string,
  last: number,
  more: Partial<Extract<TraceEvent, { kind: 'raft.recovered' }>> = {},
): Step => [node, { kind: 'raft.recovered', base: 0, last, applied: 0, term: 1, voteTerm: 0, ...more }];
const apply = (node: string, index: number, state?: string): Step => [
  node,
  { kind: 'raft.apply', index, term: 1, digest: '', ...(state === undefined ? {} : { state }) },
];

const leaders = (...steps: Step[]) => said((verdicts) => new OneLeaderATerm(verdicts), steps);
const logs = (...steps: Step[]) => said((verdicts) => new LogsAgree(verdicts), steps);
const states = (...steps: Step[]) => said((verdicts) => new SameStateAtSameIndex(verdicts), steps);
const agreement = (...steps: Step[]) => said((verdicts) => new MembersAgree(verdicts), steps);
const nonces = (...steps: Step[]) => said((verdicts) => new NoncesAreFresh(verdicts), steps);
const standbys = (...steps: Step[]) => said((verdicts) => new StandbysNeverWrite(verdicts), steps);
const sealed = (...steps: Step[]) => said((verdicts) => new SealedNodesAreSilent(verdicts), steps);

const encrypt = (node: string, term: number, nonce: string): Step => [node, { kind: 'barrier.encrypt', term, nonce }];
const state = (node: string, to: 'standby' | 'active'): Step => [node, { kind: 'node.state', state: to }];
const write = (node: string, key: string, active: boolean): Step => [node, { kind: 'storage.write', key, active }];
const exchange = (path: string, status: number, sealed: boolean): Step[] => [
  ['n1', { kind: 'http.request', id: 1, method: 'GET', path }],
  ['n1', { kind: 'http.response', id: 1, status, sealed }],
];

describe('deposed leaders give way', () => {
  const seen = (
    steps: readonly (readonly [at: number, ...Step])[],
    excused = false,
    silent: readonly string[] = [],
  ): string[] => {
    const verdicts = new Verdicts();
    const checker = new DeposedLeadersGiveWay(
      verdicts,
      () => excused,
      (node) => silent.includes(node),
    );
    for (const [at, node, event] of steps) checker.observe({ at: at * 1_000_000, node, event });
    return verdicts.violations.map(({ message }) => message);
  };
  const follower = (node: string, term: number): Step => [node, { kind: 'raft.state', state: 'follower', term }];
  const both: readonly (readonly [number, ...Step])[] = [
    [1, ...leader('n1', 1)],
    [5, ...leader('n2', 2)],
  ];

  test('a leader that goes on under a later one is found', () => {
    expect(seen([...both, [12, ...commit('n2', 3, 2)], [14, ...commit('n2', 4, 2)]])).toEqual([
      'n1 still leads in term 1, 9 s after a later one began',
    ]);
  });

  test('one that gives way in time, starts anew, or was hindered is not', () => {
    expect(seen([...both, [9, ...follower('n1', 2)], [20, ...commit('n2', 3, 2)]])).toEqual([]);
    const again = recovered('n1', 3, { term: 2 });
    expect(seen([...both, [9, ...again], [20, ...commit('n2', 3, 2)]])).toEqual([]);
    expect(seen([...both, [20, ...commit('n2', 3, 2)]], true)).toEqual([]);
  });

  test('one that reaches no majority of the voters is found, whoever else it reaches', () => {
    const servers = ['n1', 'n2', 'n3', 'n4'].map((id) => ({ id, voter: id !== 'n4' }));
    const alone: readonly (readonly [number, ...Step])[] = [
      [0, 'n1', { kind: 'raft.configuration', index: 1, servers }],
      [1, ...leader('n1', 1)],
      [20, ...commit('n4', 3, 1)],
    ];
    const found = 'n1 still leads term 1, though of the voters n1, n2, n3 none but n1 can be heard';
    expect(seen(alone, false, ['n2', 'n3'])).toEqual([found]);
    expect(seen(alone, false, ['n1'])).toEqual([found]);
    expect(seen(alone, false, ['n2', 'n4'])).toEqual([]);
    expect(seen(alone, true, ['n2', 'n3'])).toEqual([]);
    expect(seen(alone.slice(0, 2), false, ['n2', 'n3'])).toEqual([]);
  });
});

describe('one leader a term', () => {
  test('two winners of one term', () => {
    expect(leaders(leader('n1', 1), leader('n2', 2), leader('n1', 3))).toEqual([]);
    expect(leaders(leader('n1', 2), leader('n2', 2))).toHaveLength(1);
  });
  test('two votes in one term, or one in a term that is over', () => {
    expect(leaders(vote('n3', 'n1', 2), vote('n3', 'n1', 2), vote('n3', 'n2', 3))).toEqual([]);
    expect(leaders(vote('n3', 'n1', 2), vote('n3', 'n2', 2))).toHaveLength(1);
    expect(leaders(vote('n3', 'n1', 2), vote('n3', 'n2', 1))).toHaveLength(1);
    expect(leaders(vote('n3', 'n1', 2, true), vote('n3', 'n2', 2, true))).toEqual([]);
  });
  test('a vote or a term that a restart forgot', () => {
    const voted = vote('n3', 'n1', 2);
    expect(leaders(voted, recovered('n3', 1, { term: 2, voteTerm: 2, candidate: 'n1' }))).toEqual([]);
    expect(leaders(voted, recovered('n3', 1, { term: 2, voteTerm: 0 }))).toHaveLength(1);
    expect(leaders(voted, recovered('n3', 1, { term: 2, voteTerm: 2, candidate: 'n2' }))).toHaveLength(1);
    expect(leaders(voted, recovered('n3', 1, { term: 1, voteTerm: 2, candidate: 'n1' }))).toHaveLength(1);
  });
  test('a disk that lies excuses its node', () => {
    const steps = [vote('n3', 'n1', 2), recovered('n3', 1)];
    expect(said((verdicts) => new OneLeaderATerm(verdicts, (node) => node === 'n3'), steps)).toEqual([]);
  });

  test('no voter promises its vote while it follows another, until it has heard of a later term', () => {
    const follows: readonly Step[] = [
      ['n3', { kind: 'raft.configuration', index: 1, servers: [{ id: 'n3', voter: true }] }],
      ['n3', { kind: 'raft.leader', leader: 'n1', term: 2 }],
    ];
    expect(leaders(...follows, vote('n3', 'n2', 3, true))).toEqual([
      'n3, which follows n1 in term 2, promised its vote to n2',
    ]);
    expect(leaders(...follows, vote('n3', 'n1', 3, true))).toEqual([]);
    expect(leaders(...follows, vote('n3', 'n2', 3), vote('n3', 'n2', 4, true))).toEqual([]);
  });
});

describe('logs agree', () => {
  test('one index and term with two contents', () => {
    expect(logs(append('n1', 1), append('n2', 1))).toEqual([]);
    expect(logs(append('n1', 1), append('n2', 1, 1, 'other'))).toHaveLength(1);
  });
  test('one index committed as two entries', () => {
    const conflict = [append('n1', 2, 1), append('n2', 2, 2)];
    expect(logs(...conflict, truncate('n1', 2), append('n1', 2, 2), commit('n1', 2), commit('n2', 2))).toEqual([]);
    expect(logs(...conflict, commit('n1', 2), commit('n2', 2))).toHaveLength(1);
  });
  test('an entry that is committed before a majority has written it', () => {
    const servers = ['n1', 'n2', 'n3'].map((id) => ({ id, voter: true }));
    const three: Step = ['n1', { kind: 'raft.configuration', index: 0, servers }];
    expect(logs(three, append('n1', 1), append('n3', 1), commit('n1', 1))).toEqual([]);
    expect(logs(three, append('n1', 1), commit('n1', 1), append('n3', 1))).toHaveLength(1);
    expect(logs(three, append('n1', 1, 2), append('n3', 1), commit('n1', 1))).toHaveLength(1);
  });
  test('a leader without a committed entry', () => {
    const steps = [append('n1', 1), append('n2', 1), append('n1', 2), commit('n1', 1)];
    expect(logs(...steps, leader('n2', 2))).toEqual([]);
    expect(logs(...steps, commit('n1', 2), leader('n2', 2))).toHaveLength(1);
    expect(logs(...steps, commit('n1', 2), installed('n2', 2, 1), leader('n2', 2))).toEqual([]);
  });
  test('a committed entry that a restart lost', () => {
    const steps = [append('n1', 1), append('n1', 2), commit('n1', 1)];
    expect(logs(...steps, append('n1', 1), recovered('n1', 1))).toEqual([]);
    expect(logs(...steps, append('n1', 1), append('n1', 2), commit('n1', 2), recovered('n1', 2))).toEqual([]);
    expect(logs(...steps, commit('n1', 2), append('n1', 1), recovered('n1', 1))).toHaveLength(1);
  });
  test('a restart that brings back other contents', () => {
    expect(logs(append('n1', 1), append('n1', 1, 1, 'rotten'), recovered('n1', 1))).toHaveLength(1);
  });
  test('a vote or a pre-vote for a log that is behind', () => {
    const steps = [append('n1', 1), append('n2', 1), append('n2', 2)];
    expect(logs(...steps, vote('n1', 'n2', 2), vote('n1', 'n2', 2, true))).toEqual([]);
    expect(logs(...steps, vote('n2', 'n1', 2))).toHaveLength(1);
    expect(logs(...steps, vote('n2', 'n1', 2, true))).toHaveLength(1);
    expect(logs(...steps, append('n1', 2, 2), vote('n2', 'n1', 3))).toEqual([]);
  });

  test('what was decided before a change of members may be told after it, and nothing else', () => {
    const voters = (index: number, ...ids: string[]): Step => [
      'n1',
      { kind: 'raft.configuration', index, servers: ids.map((id) => ({ id, voter: true })) },
    ];
    const begun = [voters(1, 'n1', 'n2', 'n3'), append('n1', 2), append('n2', 2), append('n1', 3), append('n1', 4)];
    expect(logs(...begun, voters(3, 'n1', 'n3'), commit('n1', 2))).toEqual([]);
    expect(logs(...begun, voters(3, 'n1', 'n3'), commit('n1', 3))).toHaveLength(1);
  });
  test('who votes alone may decide on a second voter, and on nothing after it', () => {
    const voters = (index: number, ...ids: string[]): Step => [
      'n1',
      { kind: 'raft.configuration', index, servers: ids.map((id) => ({ id, voter: true })) },
    ];
    const begun = [voters(1, 'n1'), append('n1', 2), voters(2, 'n1', 'n2'), commit('n1', 2), append('n1', 3)];
    expect(logs(...begun)).toEqual([]);
    expect(logs(...begun, commit('n1', 3))).toHaveLength(1);
  });
});

describe('same state at same index', () => {
  test('replicas that differ, by entries or by a snapshot', () => {
    expect(states(apply('n1', 1, 'a'), apply('n2', 1, 'a'), apply('n1', 2, 'b'), installed('n3', 2, 1, 'b'))).toEqual(
      [],
    );
    expect(states(apply('n1', 1, 'a'), apply('n2', 1, 'b'))).toHaveLength(1);
    expect(states(apply('n1', 1, 'a'), installed('n2', 1, 1, 'b'))).toHaveLength(1);
  });
  test('an entry that is applied again', () => {
    expect(states(apply('n1', 1), apply('n1', 3), apply('n1', 3))).toHaveLength(1);
    expect(states(installed('n1', 5, 1), apply('n1', 5))).toHaveLength(1);
    expect(states(apply('n1', 1), recovered('n1', 1, { applied: 1 }), apply('n1', 2))).toEqual([]);
  });
  test('a restart that goes back to before what was applied', () => {
    expect(states(apply('n1', 1), apply('n1', 2), recovered('n1', 2, { applied: 1 }))).toHaveLength(1);
  });
});

test('a nonce that comes twice under one key', () => {
  expect(nonces(encrypt('n1', 1, 'aa'), encrypt('n1', 2, 'aa'), encrypt('n2', 1, 'bb'))).toEqual([]);
  expect(nonces(encrypt('n1', 1, 'aa'), encrypt('n2', 1, 'aa'))).toHaveLength(1);
});

test('a standby that writes', () => {
  expect(standbys(state('n1', 'active'), write('n1', 'sys/a', true), write('n1', 'sys/a', false))).toEqual([]);
  expect(standbys(state('n1', 'standby'), write('n1', 'core/lock', true))).toEqual([]);
  expect(standbys(state('n1', 'standby'), write('n1', 'core/leader/x', false))).toEqual([]);
  expect(standbys(state('n1', 'standby'), write('n1', 'sys/a', false))).toHaveLength(1);
});

test('a sealed node that gives something away', () => {
  expect(sealed(...exchange('/v1/secret/data/a', 200, false))).toEqual([]);
  expect(sealed(...exchange('/v1/secret/data/a', 503, true))).toEqual([]);
  expect(sealed(...exchange('/v1/sys/seal-status', 200, true))).toEqual([]);
  for (const status of [200, 204, 404]) expect(sealed(...exchange('/v1/secret/data/a', status, true))).toHaveLength(1);
});

test('an acknowledged write that several histories together show to be lost', () => {
  const operation = { client: 'c', node: 'n1', key: 'secret/data/k', outcome: 'ok' } as const;
  const put = { ...operation, kind: 'put', invoked: 1, returned: 2, version: 1, value: 'a' } as const;
  const get = { ...operation, kind: 'get', invoked: 3, returned: 4 } as const;
  const check = (version: number, value?: string): number => {
    const verdicts = new Verdicts();
    const read = value === undefined ? { ...get, version } : { ...get, version, value };
    new KvIsLinearizable([{ operations: [put] }, { operations: [read] }], verdicts).finish();
    return verdicts.violations.length;
  };
  expect(check(1, 'a')).toBe(0);
  expect(check(0)).toBe(1);
});

test('a secret in clear on a wire or on a disk', () => {
  const files: [string, string, Uint8Array][] = [['n1', 'vault.db', encodeUtf8('xxcanary')]];
  const secrets = [{ what: 'a secret', bytes: encodeUtf8('canary-') }];
  const verdicts = new Verdicts();
  const checker = new CanariesStayHidden({ secrets: () => secrets, files: () => files }, verdicts);
  checker.message(1, 'n1', 'n2', encodeUtf8('cacanary'));
  checker.finish({ now: 2, nodes: [], operations: [] });
  expect(verdicts.violations).toEqual([]);
  checker.message(3, 'n1', 'n2', encodeUtf8('cacanary-1'));
  files.push(['n2', 'raft/wal/1', encodeUtf8('…canary-2…')]);
  checker.finish({ now: 4, nodes: [], operations: [] });
  expect(verdicts.violations.map(({ at, message }) => `${at} ${message}`)).toEqual([
    '3 a secret went in clear from n1 to n2',
    '4 a secret is in clear in raft/wal/1 of n2',
  ]);
});

describe('leaders keep the rules', () => {
  const rules = (...steps: Step[]) => said((verdicts) => new LeadersKeepTheRules(verdicts), steps);
  const members = (node: string, index: number, ...ids: string[]): Step => [
    node,
    { kind: 'raft.configuration', index, servers: ids.map((id) => ({ id, voter: true })) },
  ];
  const rejected: Step = ['n1', { kind: 'raft.rejected', peer: 'n2', next: 7, term: 2 }];

  test('an entry of an older term counts only with one of its own', () => {
    expect(rules(leader('n1', 2), commit('n1', 5, 1))).toEqual([
      'n1, which leads term 2, committed entry 5 of term 1 by itself',
    ]);
    expect(rules(leader('n1', 2), commit('n1', 6, 2), commit('n2', 5, 1))).toEqual([]);
  });

  test('members change one at a time, and not before the last change is committed', () => {
    const begun = [members('n1', 1, 'n1'), leader('n1', 2), commit('n1', 2, 2), members('n1', 3, 'n1', 'n2')];
    expect(rules(...begun, commit('n1', 3, 2), members('n1', 4, 'n1', 'n2', 'n3'))).toEqual([]);
    expect(rules(...begun, members('n1', 4, 'n1', 'n2', 'n3'))).toEqual([
      'n1 changed the members at 4 before their change at 3 was committed',
    ]);
    expect(rules(...begun, commit('n1', 3, 2), members('n1', 4, 'n3', 'n2'))).toEqual([
      'n1 changed n3 and n1 at once, at 4',
    ]);
    expect(rules(members('n1', 1, 'n1'), leader('n1', 2), commit('n1', 1, 1), members('n1', 3, 'n1', 'n2'))).toContain(
      'n1 changed the members at 3 before it had committed anything in term 2',
    );
  });

  test('what a peer has committed it does not refuse', () => {
    const led = leader('n1', 2);
    expect(rules(led, commit('n2', 6, 2), rejected)).toEqual([]);
    expect(rules(led, installed('n2', 7, 2), rejected)).toEqual([
      'n2 makes n1 go back to 7, though 7 is committed there',
    ]);
    expect(rules(led, commit('n2', 7, 1), rejected)).toHaveLength(1);
    // An answer that was on the way while a later leader came.
    expect(rules(led, commit('n2', 8, 3), rejected)).toEqual([]);
    // Who cannot write refuses as well.
    const failing = (node: string) => said((it) => new LeadersKeepTheRules(it, (one) => one === node), steps);
    const steps = [led, commit('n2', 7, 1), rejected];
    expect([failing('n2').length, failing('n1').length]).toEqual([0, 1]);
  });

  test('what a peer refuses is not offered for ever', () => {
    expect(rules(leader('n1', 2), ...Array.from({ length: 19 }, () => rejected))).toEqual([]);
    expect(rules(leader('n1', 2), ...Array.from({ length: 20 }, () => rejected))).toHaveLength(1);
  });
});

describe('sealed nodes hold no keys', () => {
  const SECOND = 1_000_000;
  const held = (events: readonly TraceEvent[]): string[] => {
    const verdicts = new Verdicts();
    const checker = new SealedNodesHoldNoKeys(verdicts);
    for (const event of events) checker.observe({ at: 0, node: 'n1', event });
    checker.finish({ now: 2 * SECOND, nodes: ['n1'], operations: [] });
    return verdicts.violations.map(({ message }) => message);
  };
  const open: readonly TraceEvent[] = [
    { kind: 'node.start' },
    { kind: 'barrier.keys', held: true },
    { kind: 'barrier.keys', held: true, realm: 'namespaces/a/' },
    { kind: 'node.state', state: 'sealed' },
    { kind: 'barrier.keys', held: false },
  ];

  test('those of a namespace neither', () => {
    expect(held(open)).toEqual(['n1 is sealed and still holds the keys of namespaces/a/']);
    expect(held([...open, { kind: 'barrier.keys', held: false, realm: 'namespaces/a/' }])).toEqual([]);
    expect(held([...open, { kind: 'node.start' }])).toEqual([]);
  });

  test('but one that is being opened does', () => {
    const opening: readonly TraceEvent[] = [
      { kind: 'node.start' },
      { kind: 'node.state', state: 'sealed' },
      { kind: 'barrier.keys', held: true },
    ];
    expect(held(opening)).toEqual([]);
  });
});

test('leadership is handed to nobody who lags', () => {
  const handed: Step = ['n1', { kind: 'raft.transfer', target: 'n2', index: 2, term: 1 }];
  expect(logs(append('n1', 1), append('n1', 2), append('n2', 1), handed)).toEqual([
    'n1 hands term 1 over to n2, whose log ends with 1, its own with 2',
  ]);
  expect(logs(append('n1', 1), append('n1', 2), append('n2', 1), append('n2', 2), handed)).toEqual([]);
});

test('a snapshot covers nothing that was not applied where it was taken', () => {
  const taken: Step = ['n1', { kind: 'raft.snapshot', what: 'taken', index: 2, term: 1 }];
  const early = 'a snapshot of n1 covered entry 2 before it was applied there';
  expect(states(apply('n1', 1), taken, apply('n1', 2))).toEqual([early]);
  expect(states(apply('n2', 2), apply('n1', 1), taken)).toEqual([early]);
  expect(states(apply('n1', 2), taken, apply('n1', 3))).toEqual([]);
});

test('a snapshot has the term of the entry that it ends with', () => {
  expect(logs(append('n1', 1), commit('n1', 1), installed('n2', 1, 2))).toEqual([
    'n2 has a snapshot up to 1 of term 2, where an entry of term 1 was committed',
  ]);
});

describe('members', () => {
  const members = (node: string, index: number, ...ids: string[]): Step => [
    node,
    { kind: 'raft.configuration', index, servers: ids.map((id) => ({ id, voter: true })) },
  ];
  const begun = [members('n1', 1, 'n1', 'n2'), members('n2', 1, 'n1', 'n2'), commit('n1', 2), commit('n2', 2)];

  test('that were cut off and still count are found, and those that were missed with a snapshot', () => {
    const cut = [...begun, members('n1', 5, 'n1'), truncate('n1', 5)];
    expect(agreement(...cut, members('n1', 1, 'n1', 'n2'), commit('n1', 6, 2), commit('n2', 7, 2))).toEqual([]);
    expect(agreement(...cut, commit('n1', 6, 2), commit('n2', 7, 2))).toEqual([
      'n2 takes n1 n2 for the members, as of 1, where n1 were committed at 5',
    ]);
    const grown = [...begun, members('n2', 4, 'n1', 'n2', 'n3'), commit('n2', 6), installed('n1', 5, 1)];
    expect(agreement(...grown, members('n1', 4, 'n1', 'n2', 'n3'), commit('n1', 6))).toEqual([]);
    expect(agreement(...grown, commit('n1', 6))).toEqual([
      'n1 takes n1 n2 for the members, as of 1, where n1 n2 n3 were committed at 4',
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import type { OperationRecord, RunRecord } from '../core/trace.ts';
import { latencyChart, latencyTable } from './chart.ts';
import { page } from './html/page.ts';
import { outages } from './outages.ts';
import { phases, quantile } from './quantile.ts';
import { timelineText } from './timeline.ts';

const S = 1_000_000;
const operation = (
  kind: string,
  invoked: number,
  took: number,
  outcome: OperationRecord['outcome'] = 'ok',
  note?: string,
): OperationRecord => ({
  client: 'c1',
  kind,
  invoked,
  ...(outcome === 'unknown' ? {} : { returned: invoked + took }),
  outcome,
  ...(note === undefined ? {} : { note }),
});

/** Writes each second of 2 ms; the leader dies at 10 s and writes fail until 20 s. */
const run: RunRecord = {
  scenario: 'a <leader> dies',
  seed: 7,
  verdict: 'failed',
  hash: '0123456789abcdef',
  duration: 30 * S,
  wallMs: 12,
  events: 1_000,
  nodes: ['n1', 'n2'],
  trace: [
    { at: 0, node: 'n1', event: { kind: 'node.state', state: 'active' } },
    { at: 18 * S, node: 'n2', event: { kind: 'raft.state', state: 'leader', term: 3 } },
    { at: 19 * S, node: 'n2', event: { kind: 'node.state', state: 'active' } },
  ],
  operations: Array.from({ length: 30 }, (_, second) =>
    second >= 10 && second < 20
      ? operation('put', second * S, 100, second === 12 ? 'unknown' : 'failed', 'connection refused')
      : operation('put', second * S, 2_000),
  ),
  faults: [{ what: 'kill the leader', at: 10 * S, nodes: ['n1'] }],
  violations: [{ checker: 'kv', at: 25 * S, message: 'a write was lost' }],
  loads: [
    { nodes: ['n1'], cores: 2, slice: S, busy: [S, 2 * S, 0.5 * S] },
    { nodes: ['n2'], cores: 2, slice: S, busy: [] },
  ],
  logs: [{ at: 18 * S, node: 'n2', level: 'info', name: 'storage.raft', message: 'election won', fields: { term: 3 } }],
  reproduce: 'npx steamer run x --seed 7',
};

test('quantiles are nearest ranks', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.95, 0.99, 1].map((q) => quantile(hundred, q))).toEqual([50, 95, 99, 100]);
  expect(quantile([], 0.5)).toBeUndefined();
});

test('an outage lasts from the first failure to the next success of its kind', () => {
  expect(outages(run.operations)).toEqual([
    {
      kind: 'put',
      client: 'c1',
      note: 'connection refused',
      from: 10 * S + 100,
      until: 20 * S + 2_000,
      failed: 9,
      unknown: 1,
    },
  ]);
  expect(outages([operation('get', 0, 5, 'failed'), operation('get', 10, 5)])).toEqual([]);
});

test('before, during and after are cut at the fault and at the recovery of the clients', () => {
  expect(
    phases(run).map(({ name, latency, failed, unknown }) => [name, latency.count, latency.p99, failed, unknown]),
  ).toEqual([
    ['before', 10, 2_000, 0, 0],
    ['during', 1, 2_000, 9, 1],
    ['after', 9, 2_000, 0, 0],
  ]);
});

test('the timeline tells fault, outage, election, recovery and violation in order', () => {
  expect(timelineText(run)).toBe(
    [
      '    0.000 s  n1       is active',
      '   10.000 s  world    FAULT kill the leader [n1]',
      '   10.000 s  c1       no put is served: connection refused',
      '   18.000 s  n2       wins the election of term 3',
      '   19.000 s  n2       is active',
      '   20.002 s  clients  put served again after 10.00 s (9 failed, 1 unknown)',
      '   25.000 s  kv       VIOLATION a write was lost',
    ].join('\n'),
  );
});

describe('the chart and the table', () => {
  test('show the outage as the highest point', () => {
    expect(latencyChart(run)).toMatch(/10\.\d\d s|9\.\d\d s/);
    expect(latencyTable(run).split('\n')).toHaveLength(4);
  });
});

describe('the page', () => {
  const html = page(run);
  test('is self-contained: no script and nothing from elsewhere', () => {
    expect(html).not.toMatch(/<script|https?:\/\/|@import|url\(/);
  });
  test('escapes what came from the run, names the verdict and how to see it again', () => {
    expect(html).toContain('a &lt;leader&gt; dies');
    expect(html).toContain('npx steamer run x --seed 7');
    expect(html).toContain('a write was lost');
    expect(html).toContain('election won: term=3');
  });
});

import { expect, test } from 'vitest';
import { decodeUtf8 } from '../codec/utf8.ts';
import { HandClock } from '../server/services.fixture.ts';
import { HOUR, SECOND } from '../runtime.ts';
import { countTrace } from './from-trace.ts';
import { goFloat } from './go-float.ts';
import { measure } from './measure.ts';
import { Metrics } from './metrics.ts';
import { readMetrics } from './reading.ts';

const prometheus = (metrics: Metrics, clock: HandClock, retention = 24 * HOUR): string =>
  decodeUtf8(readMetrics({ metrics, gauges: [], process: {}, now: clock.wall(), retention }, 'prometheus', '').body);

test('numbers have the digits that Go gives them', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [44, '44'],
    [87_975, '87975'],
    [11_482_016, '1.1482016e+07'],
    [1_102_124, '1.102124e+06'],
    [0.002213000087067485, '0.002213000087067485'],
    [6.9033e-5, '6.9033e-05'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ];
  for (const [value, text] of cases) expect(goFloat(value)).toBe(text);
});

test('counters add up, gauges show the last value, samples have quantiles, a sum and a count', () => {
  const clock = new HandClock();
  const metrics = new Metrics(clock);
  metrics.count('vault.cache.hit');
  metrics.count('vault.cache.hit', 2);
  metrics.gauge('vault.core.active', 1, { cluster: 'c' });
  for (let i = 1; i <= 100; i++) metrics.sample('vault.route.read.secret-', i);
  expect(prometheus(metrics, clock)).toBe(
    [
      '# HELP vault_cache_hit vault_cache_hit',
      '# TYPE vault_cache_hit counter',
      'vault_cache_hit 3',
      '# HELP vault_core_active vault_core_active',
      '# TYPE vault_core_active gauge',
      'vault_core_active{cluster="c"} 1',
      '# HELP vault_route_read_secret_ vault_route_read_secret_',
      '# TYPE vault_route_read_secret_ summary',
      'vault_route_read_secret_{quantile="0.5"} 50',
      'vault_route_read_secret_{quantile="0.9"} 90',
      'vault_route_read_secret_{quantile="0.99"} 99',
      'vault_route_read_secret__sum 5050',
      'vault_route_read_secret__count 100',
      '',
    ].join('\n'),
  );
});

test('quantiles are of the last ten seconds, and what does not change for the retention goes', async () => {
  const clock = new HandClock();
  const metrics = new Metrics(clock);
  metrics.sample('s', 5);
  await clock.advance(12 * SECOND);
  expect(prometheus(metrics, clock)).toContain('s{quantile="0.99"} NaN\ns_sum 5\ns_count 1\n');
  await clock.advance(25 * HOUR);
  expect(prometheus(metrics, clock)).toBe('');
});

test('Prometheus is shown the summary, not the counter of the same name', () => {
  const clock = new HandClock();
  const metrics = new Metrics(clock);
  metrics.count('vault.pki.issue', 1);
  metrics.sample('vault.pki.issue', 2);
  const text = prometheus(metrics, clock);
  expect(text).toContain('# TYPE vault_pki_issue summary\n');
  expect(text).not.toContain('counter');
});

test('JSON shows the last full interval of ten seconds', async () => {
  const clock = new HandClock();
  clock.now -= clock.now % (10 * SECOND);
  const metrics = new Metrics(clock);
  metrics.count('c', 3);
  metrics.sample('s', 1);
  metrics.sample('s', 3);
  await clock.advance(10 * SECOND);
  metrics.count('c', 100);
  const { body } = readMetrics({ metrics, gauges: [], process: {}, now: clock.wall(), retention: 0 }, '', '');
  expect(decodeUtf8(body)).toBe(
    '{"Timestamp":"2026-11-23 03:30:10 +0000 UTC","Gauges":[],"Points":[],' +
      '"Counters":[{"Name":"c","Count":1,"Rate":0.3,"Sum":3,"Min":3,"Max":3,"Mean":3,"Stddev":0,"Labels":{}}],' +
      '"Samples":[{"Name":"s","Count":2,"Rate":0.4,"Sum":4,"Min":1,"Max":3,"Mean":2,"Stddev":1.4142135623730951,"Labels":{}}]}',
  );
});

test('a format that is not known and Prometheus without retention are refused in plain text', () => {
  const clock = new HandClock();
  const reading = { metrics: new Metrics(clock), gauges: [], process: {}, now: clock.wall(), retention: 0 };
  const text = (format: string, accept = '') => {
    const { status, contentType, body } = readMetrics(reading, format, accept);
    return `${status} ${contentType} ${decodeUtf8(body)}`;
  };
  expect(text('x')).toBe('400 text/plain metric response format "x" unknown');
  expect(text('prometheus')).toBe('400 text/plain prometheus is not enabled');
  expect(text('', 'application/openmetrics-text')).toBe('400 text/plain prometheus is not enabled');
});

test('a measured method answers as before, and its time is kept even when it fails', async () => {
  const clock = new HandClock();
  const metrics = new Metrics(clock);
  class Service {
    readonly #answer = 7;
    work(fail: boolean): Promise<number> {
      return fail ? Promise.reject(new Error('no')) : Promise.resolve(this.#answer);
    }
  }
  const service = new Service();
  measure(service, metrics, { work: 'w' });
  expect(await service.work(false)).toBe(7);
  await expect(service.work(true)).rejects.toThrow('no');
  expect(prometheus(metrics, clock)).toContain('w_count 2\n');
});

test('what raft tells of itself is counted', () => {
  const clock = new HandClock();
  const metrics = new Metrics(clock);
  countTrace(metrics, { kind: 'raft.state', state: 'pre-candidate', term: 2 });
  countTrace(metrics, { kind: 'raft.timeout', what: 'lease', term: 2 });
  const text = prometheus(metrics, clock);
  expect(text).toContain('vault_raft_state_candidate 1\n');
  expect(text).toContain('vault_raft_transition_leader_lease_timeout 1\n');
});

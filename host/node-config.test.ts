import { expect, test } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { MINUTE } from '../core/runtime.ts';
import { InmemStorage } from '../core/storage/inmem.ts';
import { nodeConfig } from './node-config.ts';

const configured = (text: string) => {
  const { configuration } = parseConfiguration(`storage "inmem" {}\n${text}`, 'test.hcl');
  const log = { write: () => undefined };
  return nodeConfig({ configuration, log, failed: () => undefined }, { type: 'inmem', storage: new InmemStorage() });
};

test('without a telemetry block there is no Prometheus form', () => {
  expect(configured('').prometheusRetention).toBe(0);
  expect(configured('telemetry { prometheus_retention_time = "1m" }').prometheusRetention).toBe(MINUTE);
});

test('the block says how often usage is counted', () => {
  expect(configured('telemetry { usage_gauge_period = "1m" }').usage.period).toBe(MINUTE);
});

import { expect, test } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { sanitized } from './sanitized.ts';

const shown = (text: string) => sanitized(parseConfiguration(text, 'a.hcl').configuration, false);

// As 2.7.2 shows it.
test('telemetry is shown where something is said of it', () => {
  expect(shown('ui = true')).not.toHaveProperty('telemetry');
  expect(
    shown('telemetry { prometheus_retention_time = "1h" metrics_prefix = "x" dogstatsd_tags = ["a"] }'),
  ).toMatchObject({
    telemetry: {
      prometheus_retention_time: 3_600_000_000_000,
      metrics_prefix: 'x',
      dogstatsd_tags: ['a'],
      statsd_address: '',
    },
  });
});

test('files of the log are shown where there are any', () => {
  expect(shown('')).not.toHaveProperty('log_file');
  expect(shown('log_file = "l" log_rotate_bytes = 5')).toMatchObject({ log_file: 'l', log_rotate_bytes: 5 });
});

import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../runtime.ts';
import { calculateTtl, shortDuration } from './ttl.ts';

const mount = { defaultTtl: 768 * HOUR, maxTtl: 768 * HOUR, now: 1_795_404_619_175_091 };

describe('TTLs', () => {
  test('durations lose their zero units', () => {
    expect([3605, 90061, 59, 61, 3600, 6000].map((s) => shortDuration(s * SECOND))).toEqual([
      '1h5s',
      '25h1m1s',
      '59s',
      '1m1s',
      '1h',
      '1h40m',
    ]);
    expect(shortDuration(100_000)).toBe('100ms');
  });

  test('what is asked for is capped by the maximum with a warning', () => {
    const { ttl, warnings } = calculateTtl({ ...mount, backendTtl: 99_999 * HOUR });
    expect(ttl).toBe(768 * HOUR);
    expect(warnings).toEqual([
      'TTL of "99999h" exceeded the effective max_ttl of "768h"; TTL value is capped accordingly',
    ]);
  });

  test('a renewal is capped by what is left since the issue', () => {
    const issueTime = mount.now - SECOND;
    const { ttl, warnings } = calculateTtl({ ...mount, increment: HOUR, explicitMaxTtl: 4 * SECOND, issueTime });
    expect(ttl).toBe(3 * SECOND);
    expect(warnings[0]).toContain('effective max_ttl of "3s"');
    expect(() => calculateTtl({ ...mount, explicitMaxTtl: SECOND, issueTime: mount.now - 5 * SECOND })).toThrow(
      'past the max TTL, cannot renew',
    );
  });

  test('a period ignores increments and is capped by an explicit maximum', () => {
    expect(calculateTtl({ ...mount, period: HOUR, increment: 5 * HOUR }).ttl).toBe(HOUR);
    const { ttl, warnings } = calculateTtl({ ...mount, period: HOUR, explicitMaxTtl: 30 * MINUTE });
    expect(ttl).toBe(30 * MINUTE);
    expect(warnings).toEqual([
      'period of "1h" exceeded the effective max_ttl of "30m"; period value is capped accordingly',
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../core/runtime.ts';
import { startServer } from './index.ts';
import { MovableClock } from './movable-clock.ts';

describe('a clock that a test moves', () => {
  test('fires what comes due on the way, in order and at its time', async () => {
    const clock = new MovableClock();
    const began = clock.monotonic();
    const seen: [string, number][] = [];
    const note = (name: string) => () => {
      seen.push([name, Math.floor((clock.monotonic() - began) / MINUTE)]);
    };
    clock.after(40 * MINUTE, note('later'));
    clock.after(20 * MINUTE, note('sooner'));
    const cancelled = clock.after(30 * MINUTE, note('never'));
    clock.after(20 * MINUTE, () => clock.after(5 * MINUTE, note('set on the way')));
    const left = clock.after(2 * HOUR, note('not yet'));
    cancelled.cancel();
    await clock.advance(HOUR);
    expect(seen).toEqual([
      ['sooner', 20],
      ['set on the way', 25],
      ['later', 40],
    ]);
    left.cancel();
  });

  test('moves both clocks, and what is left fires that much sooner in real time', async () => {
    const clock = new MovableClock();
    const [wall, monotonic] = [clock.wall(), clock.monotonic()];
    const fired = clock.sleep(HOUR);
    await clock.advance(HOUR - 10_000);
    expect(clock.wall() - wall).toBeGreaterThanOrEqual(HOUR - 10_000);
    expect(clock.monotonic() - monotonic).toBeGreaterThanOrEqual(HOUR - 10_000);
    await fired;
  });
});

describe('a server whose time a test moves', () => {
  test('a token runs out after its TTL and not before', async () => {
    await using bao = await startServer();
    const made = await bao.request<{ auth: { client_token: string } }>('POST', 'auth/token/create', { ttl: '1h' });
    const { client_token: token } = made.body!.auth;
    const lookup = () => bao.request<{ data: { ttl: number } }>('GET', 'auth/token/lookup-self', undefined, { token });
    await bao.advance('59m');
    expect((await lookup()).body!.data.ttl).toBeLessThanOrEqual(60);
    await bao.advance('61s');
    expect((await lookup()).status).toBe(403);
  });

  test('a week takes a moment, and its clock shows it', async () => {
    await using bao = await startServer();
    const before = bao.now().getTime();
    await bao.advance('168h');
    expect(bao.now().getTime() - before).toBeGreaterThanOrEqual(168 * 3_600_000);
    expect((await bao.request('GET', 'secret/config')).status).toBe(200);
  });

  test('a duration that is none is refused', async () => {
    await using bao = await startServer();
    await expect(bao.advance('an hour')).rejects.toThrow('time: invalid duration');
  });
});

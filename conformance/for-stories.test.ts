import { expect, test } from 'vitest';
import { nodeCrypto } from '../host/crypto.ts';
import { nodePump } from '../host/pump.ts';
import { openbao } from '../sim/openbao.ts';
import type { Recordings } from '../sim/recorded.ts';
import { recorded } from '../sim/recorded.ts';
import { runScenario } from '../sim/run.ts';
import { recordings } from './for-stories.ts';

const told = (from: Recordings, seed: number) =>
  runScenario(recorded('cubbyhole/cubbyhole'), seed, {
    pump: nodePump,
    crypto: nodeCrypto(),
    nodeFactory: openbao,
    recordings: from,
  });

/** As if a cluster said 200 to this request. */
const wrongly =
  (path: string): Recordings =>
  (name, place) => {
    const right = recordings(name, place)!;
    let asked = '';
    return {
      ...right,
      next: () => {
        const request = right.next();
        asked = request?.path ?? '';
        return request;
      },
      hear: (answer, played) => right.hear(asked === path ? { ...answer, status: 299 } : answer, played),
    };
  };

test('what the real server answered is answered, though leaders die in between', async () => {
  const { violations, faults } = await told(recordings, 1);
  expect(violations).toEqual([]);
  expect(faults.length).toBeGreaterThan(0);
});

test('one answer that differs fails the story and is named', async () => {
  const { violations } = await told(wrongly('/v1/cubbyhole/a'), 1);
  expect(violations[0]?.message).toMatch(/differences in \d+ answers:\n\w+ cubbyhole\/a.*: status is 299, not 20\d/s);
});

test('a story without its recording says so', async () => {
  const place = { url: 'http://127.0.0.1:8200', service: '127.0.0.1:9000', resolver: '127.0.0.1:53', now: () => 0 };
  expect(recordings('kv/no-such-case', place)).toBeUndefined();
  const { violations } = await told(() => undefined, 1);
  expect(violations[0]?.message).toContain('no recording of cubbyhole/cubbyhole is at hand');
});

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { checkKey, type KvOperation } from './kv.ts';

const put = (invoked: number, returned: number, version: number, value = `v${version}`, cas?: number): KvOperation => ({
  client: 'c',
  kind: 'put',
  key: 'k',
  invoked,
  returned,
  outcome: 'ok',
  version,
  value,
  cas,
});
const get = (invoked: number, returned: number, version: number, value = `v${version}`): KvOperation => ({
  client: 'r',
  kind: 'get',
  key: 'k',
  invoked,
  returned,
  outcome: 'ok',
  version,
  value,
});
const lost = (invoked: number, value: string): KvOperation => ({
  client: 'u',
  kind: 'put',
  key: 'k',
  invoked,
  outcome: 'unknown',
  value,
});
const verdict = (...operations: KvOperation[]) => checkKey('k', operations).map(({ message }) => message);

describe('a linearizable key', () => {
  test('overlapping writes may take either order', () => {
    expect(verdict(put(0, 10, 2), put(1, 9, 1), get(20, 21, 2))).toEqual([]);
  });
  test('a write without an answer may have happened, and is known by its value', () => {
    expect(verdict(put(0, 1, 1), lost(2, 'ghost'), get(10, 11, 2, 'ghost'), put(12, 13, 3))).toEqual([]);
  });
  test('a write without an answer may also fill a version nobody read', () => {
    expect(verdict(put(0, 1, 1), lost(2, 'ghost'), put(12, 13, 3))).toEqual([]);
  });
});

describe('what is found', () => {
  test('a lost acknowledged write', () => {
    expect(verdict(put(0, 1, 1), put(2, 3, 2), get(10, 11, 1))).toHaveLength(1);
  });
  test('a version given twice', () => {
    expect(verdict(put(0, 1, 1, 'a'), put(0, 2, 1, 'b')).length).toBeGreaterThan(0);
  });
  test('a write applied twice', () => {
    expect(verdict(put(0, 1, 1), put(2, 3, 3))).toHaveLength(1);
  });
  test('a value nobody wrote as that version', () => {
    expect(verdict(put(0, 1, 1), get(2, 3, 1, 'other'))).toHaveLength(1);
  });
  test('a read of a write that was refused', () => {
    expect(verdict(put(0, 1, 1), { ...lost(2, 'no'), outcome: 'failed', returned: 3 }, get(4, 5, 2, 'no'))).not.toEqual(
      [],
    );
  });
  test('a check-and-set that won at the wrong version', () => {
    expect(verdict(put(0, 1, 1), put(2, 3, 2, 'x', 0))).toHaveLength(1);
  });
  test('a refused check-and-set that should have won', () => {
    const refused: KvOperation = { ...lost(5, 'x'), outcome: 'failed', returned: 6, cas: 1, casRefused: true };
    expect(verdict(put(0, 1, 1), refused)).toHaveLength(1);
    expect(verdict(put(0, 1, 1), put(2, 5.5, 2), refused)).toEqual([]);
  });
});

/** A register run one operation at a time inside its own interval is linearizable by construction. */
const runs = fc.array(
  fc.record({
    write: fc.boolean(),
    before: fc.nat(5),
    after: fc.nat(5),
    answered: fc.boolean(),
    applied: fc.boolean(),
  }),
  { maxLength: 40 },
);

property.prop([runs])('every real register passes', (steps) => {
  let version = 0;
  let value: string | undefined;
  const history = steps.map(({ write, before, after, answered, applied }, index): KvOperation => {
    const at = index * 3 + 10;
    if (!write) return { ...get(at - before, at + after, version), value };
    if (!answered && !applied) return lost(at - before, `w${index}`);
    version += 1;
    value = `w${index}`;
    return answered ? put(at - before, at + after, version, value) : lost(at - before, value);
  });
  expect(checkKey('k', history)).toEqual([]);
});

property.prop([runs, fc.nat()])(
  'losing a write that was acknowledged and then read past is always found',
  (steps, pick) => {
    const writes = steps.filter(({ write }) => write).length;
    fc.pre(writes >= 2);
    const history: KvOperation[] = [];
    for (let version = 1; version <= writes; version += 1) history.push(put(version * 10, version * 10 + 5, version));
    const seen = 1 + (pick % (writes - 1));
    history.push(get(writes * 10 + 10, writes * 10 + 11, seen));
    expect(checkKey('k', history)).not.toEqual([]);
  },
);

import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { compareText } from '../codec/bytes.ts';
import { OrderedMap } from './ordered.ts';

const key = fc.oneof(
  fc.integer({ min: 0, max: 300 }).map((n) => `k${n}`),
  fc
    .array(fc.constantFrom('a', 'b', '/', '0', '.', '\u{1F600}', '\uFFFD'), { minLength: 1, maxLength: 5 })
    .map((s) => s.join('')),
);
const step = fc.record({ key, value: fc.option(fc.integer()) });

function listed(model: ReadonlyMap<string, number>, prefix: string, after: string, limit: number): string[] {
  const names = new Set<string>();
  for (const key of [...model.keys()].sort(compareText)) {
    if (!key.startsWith(prefix)) continue;
    const rest = key.slice(prefix.length);
    const slash = rest.indexOf('/');
    names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
  }
  const found = [...names].sort(compareText).filter((name) => after === '' || compareText(name, after) > 0);
  return limit > 0 ? found.slice(0, limit) : found;
}

const inOrder = (of: ReadonlyMap<string, number>) => [...of].sort(([a], [b]) => compareText(a, b));

describe('OrderedMap', () => {
  test.prop([fc.array(step, { maxLength: 400 }), fc.nat(400), key, fc.constantFrom('', 'a/', 'b/', 'a/b/'), fc.nat(4)])(
    'behaves like a sorted map, and a fork keeps what it was',
    (steps, forkAt, after, prefix, limit) => {
      const map = new OrderedMap<number>();
      const model = new Map<string, number>();
      let fork: OrderedMap<number> | undefined;
      let frozen: Map<string, number> | undefined;
      for (const [n, { key, value }] of steps.entries()) {
        if (n === forkAt) {
          fork = map.fork();
          frozen = new Map(model);
        }
        if (value === null) {
          expect(map.delete(key)).toBe(model.delete(key));
        } else {
          expect(map.set(key, value)).toBe(model.get(key));
          model.set(key, value);
        }
      }
      expect([...map.entries()]).toEqual(inOrder(model));
      expect([...map.entries(after)]).toEqual(inOrder(model).filter(([k]) => compareText(k, after) >= 0));
      expect(map.size).toBe(model.size);
      for (const key of model.keys()) expect(map.get(key)).toBe(model.get(key));
      expect(map.list(prefix, { after, limit })).toEqual(listed(model, prefix, after, limit));
      expect(map.list(prefix)).toEqual(listed(model, prefix, '', 0));
      if (fork !== undefined) expect([...fork.entries()]).toEqual(inOrder(frozen!));
    },
  );
});

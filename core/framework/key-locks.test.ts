import { expect, test } from 'vitest';
import { KeyLocks } from './key-locks.ts';

interface Gate {
  open: () => void;
  readonly passed: Promise<void>;
}

function gate(): Gate {
  const made: { open?: () => void } = {};
  const passed = new Promise<void>((resolve) => (made.open = resolve));
  return { open: () => made.open?.(), passed };
}

test('readers go together, a writer alone, all in the order they came', async () => {
  const locks = new KeyLocks();
  const log: string[] = [];
  const first = gate();
  const second = gate();
  const hold = (name: string, until: Promise<void>) => async (): Promise<void> => {
    log.push(`+${name}`);
    await until;
    log.push(`-${name}`);
  };
  const all = [
    locks.read('k', hold('r1', first.passed)),
    locks.read('k', hold('r2', first.passed)),
    locks.write('k', hold('w1', second.passed)),
    locks.read('k', hold('r3', Promise.resolve())),
    locks.write('other', hold('o', Promise.resolve())),
  ];
  await all[4];
  expect(log).toEqual(['+r1', '+r2', '+o', '-o']);
  first.open();
  await all[1];
  second.open();
  await Promise.all(all);
  expect(log.slice(4)).toEqual(['-r1', '-r2', '+w1', '-w1', '+r3', '-r3']);
});

test('a failure lets the next one in', async () => {
  const locks = new KeyLocks();
  const failed = locks.write('k', () => Promise.reject(new Error('no')));
  const next = locks.write('k', () => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

import seedrandom from 'seedrandom';
import { expect, test } from 'vitest';
import type { Step } from '../case.ts';
import { bent } from './mutate.ts';

const LOOPBACK = /^(?:[a-z]*:\/{0,2})?(?:[^/@]*@)?(?:127\.0\.0\.1|\[::1)/i;

test('what a server may dial leads nowhere but to the machine itself', () => {
  const dice = seedrandom('dialled');
  const body = {
    jwks_url: 'http://127.0.0.1:1',
    nested: { connection_url: 'postgresql://127.0.0.1:1' },
    hosts: ['127.0.0.1'],
  };
  const step: Step = {
    line: 1,
    method: 'POST',
    path: 'a/b',
    body: JSON.stringify(body),
    as: 'root',
    headers: [],
    captures: [],
  };
  const named = new Set<string>();
  for (let i = 0; i < 3_000; i++) {
    const [made] = bent(step, dice) ?? [];
    let sent: Record<string, unknown>;
    try {
      sent = JSON.parse(made?.body ?? '') as Record<string, unknown>;
    } catch {
      continue;
    }
    const places = Object.entries({ ...sent, ...(sent?.['nested'] as object) }).filter(([name]) =>
      /url|host/i.test(name),
    );
    for (const text of places.flatMap(([, place]) => place as string | string[])) {
      if (typeof text === 'string' && text.trim() !== '' && text !== '\u0000') named.add(text);
    }
  }
  expect(named.size).toBeGreaterThan(10);
  expect([...named].filter((text) => !LOOPBACK.test(text) && !text.includes('//127.0.0.1'))).toEqual([]);
});

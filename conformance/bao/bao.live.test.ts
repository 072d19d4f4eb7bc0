import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compareScript } from './compare.ts';
import type { Kind } from './servers.ts';

const script = (name: string) => fileURLToPath(new URL(`scripts/${name}.txt`, import.meta.url));

test('two real servers print the same, so the comparison blames nobody falsely', { timeout: 180_000 }, async () => {
  expect(await compareScript(script('operator'), 'raft', ['theirs', 'theirs'])).toEqual([]);
});

/** These take minutes; BAO_SCRIPTS=all plays them too. */
const LONG: [string, Kind][] = [
  ['kv-edges', 'dev'],
  ['tokens', 'dev'],
  ['mounts', 'dev'],
  ['operator-more', 'raft'],
  ['audit', 'configured'],
  ['agent', 'dev'],
  ['proxy', 'dev'],
  ['rest', 'dev'],
  ['logins', 'dev'],
  ['namespaces', 'dev'],
  ['pki', 'dev'],
  ['ha-guide', 'own'],
  ['operations', 'own'],
];
const QUICK: [string, Kind][] = [
  ['kv', 'dev'],
  ['system', 'dev'],
  ['guide-migration', 'dev'],
  ['operator', 'raft'],
  ['configured', 'configured'],
];

describe('the real bao program prints the same against our server as against the real one', () => {
  test.each<[string, Kind]>(process.env['BAO_SCRIPTS'] === 'all' ? [...QUICK, ...LONG] : QUICK)(
    '%s',
    { timeout: 900_000 },
    async (name, kind) => {
      expect(await compareScript(script(name), kind)).toEqual([]);
    },
  );
});

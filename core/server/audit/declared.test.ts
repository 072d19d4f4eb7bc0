import { expect, test } from 'vitest';
import type { Log } from '../../runtime.ts';
import type { MountEntry } from '../mounts/entry.ts';
import type { AuditBroker } from './broker.ts';
import { type AuditStanza, reconcile } from './declared.ts';

const stanza = (path: string, options: Record<string, string> = {}): AuditStanza => ({
  type: 'file',
  path,
  description: '',
  local: false,
  options,
});
const stored = (path: string, table: 'audit' | 'audit-config', options: Record<string, string> = {}) =>
  ({ table, type: 'file', path, description: '', local: false, options }) as unknown as MountEntry;

/** What is done to devices, in order, or why nothing is. */
async function done(existing: readonly MountEntry[], declared: readonly AuditStanza[], active = true) {
  const said: string[] = [];
  const broker = {
    list: () => existing,
    enable: ({ path }: { path: string }, table: string) => Promise.resolve(void said.push(`+${path} ${table}`)),
    disable: (path: string) => Promise.resolve(said.push(`-${path}`) > 0),
  } as unknown as AuditBroker;
  const log = { write: (level: string) => void (level === 'warn' && said.push('warned')) } as unknown as Log;
  try {
    await reconcile(broker, declared, active, log);
  } catch (error) {
    return (error as Error).message;
  }
  return said;
}

test('declared devices that are missing are made, those no longer declared go, those of the API stay', async () => {
  const existing = [stored('a/', 'audit-config'), stored('api/', 'audit'), stored('old/', 'audit-config')];
  expect(await done(existing, [stanza('a'), stanza('b')])).toEqual(['+b/ audit-config', '-old/']);
  expect(await done(existing, [])).toEqual(['-a/', '-old/']);
  expect(await done(existing, [stanza('b')], false)).toEqual(['warned', 'warned', 'warned']);
});

test('what cannot be followed is said, and nothing is done', async () => {
  const same = 'modifications to audit devices are not allowed: audit device a/';
  expect(await done([stored('a/', 'audit-config')], [stanza('b'), stanza('a', { x: 'y' })])).toBe(
    `failed to validate audit device config a/: ${same} is missing option x in the audit table but is present in the config`,
  );
  expect(await done([], [stanza('a'), stanza('a/')])).toBe('two audit devices with same path (a/) exist in config');
  expect(await done([stored('a/', 'audit')], [stanza('a')])).toContain('was already created by API');
});

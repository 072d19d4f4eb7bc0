/** Every name of upstream's metrics is said somewhere in the server, or is listed as absent with a reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { absent, absentAs, general, recordedNames } from './names.ts';

const root = new URL('../../', import.meta.url);

/** Expressions of all texts in core and host that can be names; what is put in at run time may be anything. */
function spoken(): RegExp[] {
  const found = new Set<string>();
  for (const folder of ['core', 'host']) {
    for (const name of readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || /\.(test|fixture)\.ts$/.test(name)) continue;
      const source = readFileSync(new URL(`${folder}/${name}`, root), 'utf8');
      for (const [, text = ''] of source.matchAll(/'(vault\.[^'\s]+)'/g)) found.add(text);
      for (const [, text = ''] of source.matchAll(/`((?:vault\.|\$\{)[^`\n]*)`/g)) found.add(text);
      for (const [, text = ''] of source.matchAll(/^ +(process_\w+):/gm)) found.add(text);
    }
  }
  return [...found]
    .filter((text) => /^(vault\.|process_)/.test(text) || /^\$\{(prefix|name|PREFIX)\}[._][a-z]{3}/.test(text))
    .map((text) => {
      const parts = text.split(/\$\{[^}]*\}/).map((part) => part.replace(/[^a-zA-Z0-9_]/g, '_'));
      return new RegExp(`^${parts.join('.+')}$`);
    });
}

test('every name is said, or absent for a reason', () => {
  const said = spoken();
  expect(recordedNames.size).toBe(389);
  const missing = [...recordedNames.keys()].filter(
    (name) => absentAs(name) === undefined && !said.some((one) => one.test(name.replace(/_n\d$/, ''))),
  );
  expect(missing).toEqual([]);
});

test('each absent name has its reason', () => {
  expect([...absent].filter(([, reason]) => reason.length <= 10)).toEqual([]);
});

test('what is particular to a mount or a peer is left out of names', () => {
  expect(general('vault_route_read_k1_')).toBe('vault_route_read_*');
  expect(general('vault_audit_f__log_request')).toBe('vault_audit_*');
  expect(general('vault_audit_log_request')).toBe('vault_audit_log_request');
  expect(general('vault_raft_replication_heartbeat_n2')).toBe('vault_raft_replication_heartbeat_*');
});

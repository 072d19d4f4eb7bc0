/** Names of metrics: upstream's as they were recorded, and those that ours has not, each with its reason. */
import { readFileSync } from 'node:fs';

const read = (name: string): string[] =>
  readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** By name, as Prometheus spells it: 'counter', 'gauge' or 'summary'. */
export const recordedNames: ReadonlyMap<string, string> = new Map(
  read('../recordings/metrics-2.7.2.txt').map((line) => line.split(' ') as [string, string]),
);

/** By name, '*' for any end. */
export const absent: ReadonlyMap<string, string> = new Map(
  read('absent.txt').map((line): [string, string] => {
    const [, name = '', reason = ''] = /^(\S+)\s+(.+)$/.exec(line) ?? [];
    return [name, reason];
  }),
);

/** The line of `absent` that a name falls under. */
export const absentAs = (name: string): string | undefined =>
  [...absent.keys()].find((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));

/** Names that hold a mount's path or a peer's name, without it. */
export const general = (name: string): string =>
  name
    .replace(/^(vault_route_[a-z]+_|vault_rollback_attempt_|vault_audit_)(?!log_).+$/, '$1*')
    .replace(/^(vault_raft_replication_.+_)n\d$/, '$1*');

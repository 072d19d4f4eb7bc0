/** What a node's log tells of its settings. Undefined: it does not. */
import type { Entry } from './entry.ts';

export interface NodeFacts {
  /** The raft node id, or what the file is called. */
  readonly id: string;
  readonly file: string;
  /** host:port. */
  readonly clusterAddress: string | undefined;
  readonly version: string | undefined;
  readonly seal: string | undefined;
  readonly storage: string | undefined;
  readonly multiplier: number | undefined;
  /** Ids of those in the configuration that raft began with, by their cluster addresses. */
  readonly peers: ReadonlyMap<string, string>;
}

/** Half a second is the lease of a leader at multiplier 1, in nanoseconds. */
const LEASE = 500_000_000;
const SERVER = /\{Suffrage:(\w+) ID:(\S+) Address:([^}\s]+)\}/g;

export function factsOf(entries: readonly Entry[], file: string): NodeFacts {
  const banner = (fact: string): string | undefined =>
    entries.findLast(({ message }) => message === fact)?.fields['is'];
  const raft = (message: string) =>
    entries.findLast((entry) => entry.name === 'storage.raft' && entry.message === message);
  const config = raft('creating Raft')?.fields['config'] ?? '';
  const lease = /LeaderLeaseTimeout:(\d+)/.exec(config)?.[1];
  const peers = new Map<string, string>();
  for (const { name, message, fields } of entries)
    if (name === 'storage.raft' && message === 'initial configuration')
      for (const [, , id, address] of (fields['servers'] ?? '').matchAll(SERVER)) peers.set(address!, id!);
  const listener = entries.findLast(({ message }) => message === 'serving cluster requests')?.fields[
    'cluster_listen_address'
  ];
  const clusterAddress = banner('Cluster Address')?.replace(/^https?:\/\//, '') ?? listener;
  return {
    id: /LocalID:"([^"]+)"/.exec(config)?.[1] ?? (clusterAddress && peers.get(clusterAddress)) ?? baseName(file),
    file,
    clusterAddress,
    version: /v(\d+\.\d+\.\d+\S*?),?(?: |$)/.exec(banner('Version') ?? '')?.[1],
    seal: /^\w+/.exec(banner('Auto Seal') ?? banner('Seal Type') ?? '')?.[0],
    storage: /^\w+/.exec(banner('Storage') ?? '')?.[0] ?? (config === '' ? undefined : 'raft'),
    multiplier: lease === undefined ? undefined : Number(lease) / LEASE,
    peers,
  };
}

const baseName = (file: string): string => file.replace(/^.*[\\/]/, '').replace(/\.(log|txt|json)$/, '');

/** What a node's log tells of its settings. Undefined: it does not. */
import type { Entry } from './entry.ts';

export interface NodeFacts {
  /** The raft node id, or what the file is called. */
  readonly id: string;
  /** By a log, and not by its file. */
  readonly isNamed: boolean;
  readonly file: string;
  /** host:port. */
  readonly clusterAddress: string | undefined;
  readonly version: string | undefined;
  readonly seal: string | undefined;
  readonly storage: string | undefined;
  readonly multiplier: number | undefined;
}

/** Half a second is the lease of a leader at multiplier 1, in nanoseconds. */
const LEASE = 500_000_000;
const PEER = /^\{\w+ (\S+) ([^}\s]+)\}$/;
const ITSELF = /^Node at (\S+) \[/;
const SERVER = /\{Suffrage:(\w+) ID:(\S+) Address:([^}\s]+)\}/g;

/** `known` are the ids of nodes by their cluster addresses, as all logs tell them. */
export function factsOf(entries: readonly Entry[], file: string, known: ReadonlyMap<string, string>): NodeFacts {
  const banner = (fact: string): string | undefined =>
    entries.findLast(({ message }) => message === fact)?.fields['is'];
  const raft = (message: string) =>
    entries.findLast((entry) => entry.name === 'storage.raft' && entry.message === message);
  const config = raft('creating Raft')?.fields['config'] ?? '';
  const lease = /LeaderLeaseTimeout:(\d+)/.exec(config)?.[1];
  const listener = entries.findLast(({ message }) => message === 'serving cluster requests')?.fields[
    'cluster_listen_address'
  ];
  const clusterAddress = banner('Cluster Address')?.replace(/^https?:\/\//, '') ?? listener ?? ownAddress(entries);
  const told = /LocalID:"([^"]+)"/.exec(config)?.[1] ?? known.get(clusterAddress ?? '');
  return {
    id: told ?? baseName(file),
    isNamed: told !== undefined,
    file,
    clusterAddress,
    version: /v(\d+\.\d+\.\d+\S*?),?(?: |$)/.exec(banner('Version') ?? '')?.[1],
    seal: sealOf(banner),
    storage: /^\w+/.exec(banner('Storage') ?? '')?.[0] ?? (config === '' ? undefined : 'raft'),
    multiplier: lease === undefined ? undefined : Number(lease) / LEASE,
  };
}

/** Banners name auto seals alone. */
function sealOf(banner: (fact: string) => string | undefined): string | undefined {
  const auto = /^\w+/.exec(banner('Auto Seal') ?? '')?.[0];
  return auto ?? (banner('Storage') === undefined ? undefined : 'shamir');
}

function ownAddress(entries: readonly Entry[]): string | undefined {
  for (const { fields } of entries) {
    const itself = ITSELF.exec(fields['node'] ?? fields['follower'] ?? fields['leader'] ?? '');
    if (itself !== null && itself[1]!.includes(':')) return itself[1];
  }
  return undefined;
}

/**
 * The ids of nodes by their cluster addresses, from the configurations that raft began with, and, as a log may begin in
 * the middle, from whoever is spoken of by both names.
 */
export function peersOf(entries: readonly Entry[]): Map<string, string> {
  const peers = new Map<string, string>();
  for (const { name, fields } of entries) {
    if (name !== 'storage.raft') continue;
    for (const [, , id, address] of (fields['servers'] ?? '').matchAll(SERVER)) peers.set(address!, id!);
    const peer = PEER.exec(fields['peer'] ?? fields['target'] ?? '');
    if (peer !== null) peers.set(peer[2]!, peer[1]!);
    const { 'last-leader-addr': address, 'last-leader-id': id } = fields;
    if (address && id) peers.set(address, id);
  }
  return peers;
}

const baseName = (file: string): string => file.replace(/^.*[\\/:]/, '').replace(/\.(log|txt|json)$/, '');

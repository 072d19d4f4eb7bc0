/** The logs of a cluster's nodes beside one another. */
import type { Micros } from '../core/runtime.ts';
import type { Entry } from './entry.ts';
import { parseLog } from './log-file.ts';
import { type Moment, momentsOf } from './moments.ts';
import { splitByNode } from './split.ts';
import { factsOf, type NodeFacts, peersOf } from './node-facts.ts';

/** What is wrong with logs that somebody gave, in a line. */
export class LogError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogError';
  }
}

export interface NodeLog {
  readonly facts: NodeFacts;
  readonly entries: readonly Entry[];
  readonly moments: readonly Moment[];
}

export interface ClusterLog {
  readonly nodes: readonly NodeLog[];
  /** Of all nodes, in order of time. */
  readonly moments: readonly Moment[];
  /** Nodes that the others speak of, whose logs are not here. */
  readonly missing: readonly string[];
}

/** Records of one file may be out of order by as much: threads print them. */
const DISORDER: Micros = 1_000_000;

export function readCluster(files: readonly { readonly file: string; readonly text: string }[]): ClusterLog {
  const read = files.flatMap(splitByNode).map(({ file, text }) => ({ file, entries: readEntries(file, text) }));
  const known = new Map(read.flatMap(({ entries }) => [...peersOf(entries)]));
  const nodes = named(
    read.map(({ file, entries }) => ({ facts: factsOf(entries, file, known), entries })),
    [...new Set(known.values())],
  ).map(({ facts, entries }) => nodeLog(facts, entries));
  const ids = new Map<string, NodeLog>();
  for (const node of nodes) {
    const same = ids.get(node.facts.id);
    if (same !== undefined)
      throw new LogError(
        `${node.facts.file} and ${same.facts.file} are both logs of ${node.facts.id}; give one file a node`,
      );
    ids.set(node.facts.id, node);
  }
  const foreign = nodes.find(({ facts }) => facts.storage !== undefined && facts.storage !== 'raft');
  if (foreign !== undefined)
    throw new LogError(
      `${foreign.facts.file}: its storage is ${foreign.facts.storage}; only clusters on raft elect their leaders`,
    );
  const missing = [...new Set(known.values())].filter((id) => !ids.has(id)).sort();
  if (nodes.length < 2 && missing.length === 0)
    throw new LogError(
      `${nodes[0]!.facts.file}: one node alone has no elections; give the logs of all nodes of a cluster`,
    );
  if (nodes.length <= missing.length)
    throw new LogError(
      `logs of ${nodes.map(({ facts }) => facts.id).join(', ')} alone; what happened to a cluster of ${nodes.length + missing.length} is not to be seen without ${missing.join(', ')}`,
    );
  const renamed = byTheirIds(nodes, known);
  const active = whoLed(renamed);
  const told = renamed.map((node) =>
    node.facts.id === active?.node ? { ...node, moments: [active, ...node.moments] } : node,
  );
  const others = active !== undefined && missing.includes(active.node) ? [active] : [];
  const moments = [...others, ...told.flatMap((node) => node.moments)].sort((a, b) => a.at - b.at);
  return { nodes: told, moments, missing };
}

function readEntries(file: string, text: string): Entry[] {
  const entries = parseLog(text, '');
  if (entries.length === 0)
    throw new LogError(
      `${file}: no record of an OpenBao server's log (2026-01-02T03:04:05.678Z [INFO] core: …, or JSON)`,
    );
  let latest = entries[0]!.at;
  for (const { at, message } of entries) {
    if (at < latest - DISORDER)
      throw new LogError(
        `${file}: time goes back by ${((latest - at) / 1_000_000).toFixed(1)} s at “${message.slice(0, 60)}”`,
      );
    latest = Math.max(latest, at);
  }
  return entries;
}

interface Read {
  readonly facts: NodeFacts;
  readonly entries: readonly Entry[];
}

/** Of nodes that no log names, the last one is who is left. */
function named(nodes: readonly Read[], known: readonly string[]): Read[] {
  const unnamed = nodes.filter(({ facts }) => !facts.isNamed);
  const left = known.filter((id) => nodes.every(({ facts }) => facts.id !== id));
  if (unnamed.length !== 1 || left.length !== 1) return [...nodes];
  return nodes.map((node) => (node.facts.isNamed ? node : { ...node, facts: { ...node.facts, id: left[0]! } }));
}

function nodeLog(facts: NodeFacts, entries: readonly Entry[]): NodeLog {
  const own = entries.map((entry) => ({ ...entry, node: facts.id }));
  return { facts, entries: own, moments: momentsOf(own) };
}

/** Logs speak of peers by their cluster addresses as well. */
function byTheirIds(nodes: readonly NodeLog[], known: ReadonlyMap<string, string>): NodeLog[] {
  const ids = new Map(known);
  for (const { facts } of nodes) if (facts.clusterAddress !== undefined) ids.set(facts.clusterAddress, facts.id);
  const renamed = (moment: Moment): Moment =>
    moment.peer === undefined ? moment : { ...moment, peer: ids.get(moment.peer) ?? moment.peer };
  return nodes.map((node) => ({ ...node, moments: node.moments.map(renamed) }));
}

const LETS_GO: ReadonlySet<Moment['kind']> = new Set(['step-down', 'leadership lost', 'no quorum', 'office over']);

/** Logs that begin in the middle do not say who was active by then: the one that lets go of it, or that others miss. */
function whoLed(nodes: readonly NodeLog[]): Moment | undefined {
  const moments = nodes.flatMap((node) => node.moments).sort((a, b) => a.at - b.at);
  const sign = moments.find(
    ({ kind, peer }) => LETS_GO.has(kind) || (kind === 'heartbeat timeout' && peer !== undefined),
  );
  const leader = sign?.kind === 'heartbeat timeout' ? sign.peer : sign?.node;
  if (sign === undefined || leader === undefined) return undefined;
  const said = moments.find(({ kind, node }) => node === leader && (kind === 'active' || kind === 'start'));
  if (said !== undefined && said.at <= sign.at) return undefined;
  const first = Math.min(...nodes.map(({ entries }) => entries[0]!.at));
  return { at: first, node: leader, kind: 'active', text: 'is active, as others say', times: 1 };
}

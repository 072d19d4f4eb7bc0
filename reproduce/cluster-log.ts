/** The logs of a cluster's nodes beside one another. */
import type { Micros } from '../core/runtime.ts';
import type { Entry } from './entry.ts';
import { parseLog } from './log-file.ts';
import { type Moment, momentsOf } from './moments.ts';
import { type NodeFacts, factsOf } from './node-facts.ts';

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
  const nodes = files.map(({ file, text }) => readNode(file, text));
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
  const known = new Set(nodes.flatMap(({ facts }) => [...facts.peers.values()]));
  const missing = [...known].filter((id) => !ids.has(id)).sort();
  if (nodes.length < 2 && missing.length === 0)
    throw new LogError(
      `${nodes[0]!.facts.file}: one node alone has no elections; give the logs of all nodes of a cluster`,
    );
  if (nodes.length <= missing.length)
    throw new LogError(
      `logs of ${nodes.map(({ facts }) => facts.id).join(', ')} alone; what happened to a cluster of ${nodes.length + missing.length} is not to be seen without ${missing.join(', ')}`,
    );
  const named = byTheirIds(nodes);
  const moments = named.flatMap((node) => node.moments).sort((a, b) => a.at - b.at);
  return { nodes: named, moments, missing };
}

function readNode(file: string, text: string): NodeLog {
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
  const facts = factsOf(entries, file);
  const named = entries.map((entry) => ({ ...entry, node: facts.id }));
  return { facts, entries: named, moments: momentsOf(named) };
}

/** Logs speak of peers by their cluster addresses as well. */
function byTheirIds(nodes: readonly NodeLog[]): NodeLog[] {
  const ids = new Map(nodes.flatMap(({ facts }) => [...facts.peers]));
  for (const { facts } of nodes) if (facts.clusterAddress !== undefined) ids.set(facts.clusterAddress, facts.id);
  const renamed = (moment: Moment): Moment =>
    moment.peer === undefined ? moment : { ...moment, peer: ids.get(moment.peer) ?? moment.peer };
  return nodes.map((node) => ({ ...node, moments: node.moments.map(renamed) }));
}

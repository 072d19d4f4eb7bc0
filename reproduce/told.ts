/** What `steamer reproduce` says: who the nodes are, what they logged, what must have happened, and how it compares. */
import { formatRfc3339 } from '../core/codec/rfc3339.ts';
import type { Micros } from '../core/runtime.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { Row, Spread } from './comparison.ts';
import type { InferredFault } from './faults.ts';
import type { Moment } from './moments.ts';
import type { Outage } from './outage.ts';
import { WORDS } from './plan.ts';
import type { Range } from './when.ts';

/** 11:09:44.256 */
export const clock = (at: Micros): string =>
  formatRfc3339(at).slice(11, 23).replace('Z', '').padEnd(12, '0').slice(0, 12);
export const seconds = (micros: Micros): string => `${(micros / 1_000_000).toFixed(micros < 10_000_000 ? 2 : 1)} s`;

export function nodesText({ nodes, missing }: ClusterLog): string[] {
  const lines = nodes.map(({ facts, entries }) => {
    const { id, file, clusterAddress, version, seal, storage, multiplier } = facts;
    const known = [
      version === undefined ? 'version not told' : `OpenBao ${version}`,
      `storage ${storage ?? 'not told'}`,
      `seal ${seal ?? 'not told'}`,
      multiplier === undefined ? 'multiplier not told' : `multiplier ${multiplier}`,
      clusterAddress ?? 'address not told',
    ];
    return `  ${id.padEnd(8)} ${known.join(', ')}; ${entries.length} records of ${file}, ${clock(entries[0]!.at)}–${clock(entries.at(-1)!.at)}`;
  });
  return missing.length === 0 ? lines : [...lines, `  ${missing.join(', ')}: spoken of, but no log is here`];
}

interface Kept {
  readonly moment: Moment;
  times: number;
}

/** So much of the timeline is shown of what was before the first fault. */
const BEFORE = 4;

/** Repetitions of one thing are told once, with how often; of a long timeline `most` lines around `pivot`. */
export function timelineText(moments: readonly Moment[], most: number, pivot: Micros): string[] {
  const kept = folded(moments);
  const lines = kept.map(({ moment: { at, node, text }, times }) => {
    const first = text.split('\n')[0]!.slice(0, 150);
    return `  ${clock(at)}  ${node.padEnd(8)} ${first}${times > 1 ? ` (${times} times)` : ''}`;
  });
  const place = kept.findIndex(({ moment }) => moment.at >= pivot);
  const from = Math.max(0, Math.min(place - Math.floor(most / BEFORE), lines.length - most));
  const after = lines.length - from - most;
  return [
    ...(from > 0 ? [`  … ${from} lines before; --lines shows more`] : []),
    ...lines.slice(from, from + most),
    ...(after > 0 ? [`  … ${after} lines more; --lines shows them`] : []),
  ];
}

/** What a node says of a peer again and again is one thing until it says something else, or the peer starts. */
function folded(moments: readonly Moment[]): Kept[] {
  const kept: Kept[] = [];
  const open = new Map<string, Map<string, Kept>>();
  for (const moment of moments) {
    const { node, kind, peer = '', text, times } = moment;
    const own = open.get(node) ?? new Map<string, Kept>();
    open.set(node, own);
    const key = FOLDED.has(kind) ? `${kind} ${peer}` : text;
    const same = own.get(key);
    if (same !== undefined) {
      same.times += times;
      continue;
    }
    const fresh = { moment, times };
    kept.push(fresh);
    if (FOLDED.has(kind)) own.set(key, fresh);
    else open.set(node, new Map([[key, fresh]]));
    if (kind === 'start')
      for (const others of open.values())
        for (const [name, { moment: said }] of others) if (said.peer === node) others.delete(name);
  }
  return kept;
}

const FOLDED: ReadonlySet<string> = new Set([
  'peer missed',
  'peer silent',
  'peer refused',
  'peer broke',
  'peer slow',
  'pre-vote rejected',
  'pre-vote failed',
  'election timeout',
  'seal unreachable',
]);

export function faultText(fault: InferredFault): string {
  const { kind, node, active, at, until, sure, why } = fault;
  const end = until === undefined || kind === 'step-down' ? '' : `; ${WORDS[kind].end} ${when(until)}`;
  return `  ${node}${active ? ' (active)' : ''} ${WORDS[kind].begin} ${when(at)}${end}. ${sure}: ${why}`;
}

function when({ from, to }: Range): string {
  if (to - from < 2_000) return `at ${clock(to)}`;
  return `between ${clock(from)} and ${clock(to)}`;
}

export function outageText({ from, began, left, heir, lasted }: Outage): string {
  const slack = began.to - began.from;
  const about =
    slack < 2_000 ? '' : ` (give or take ${seconds(Math.floor(slack / 2))}: when it began is not in the logs)`;
  const end = lasted === undefined ? 'until the logs end' : `for ${seconds(lasted)}${about}, until ${heir} was`;
  return `  from ${clock(from)} nobody was active after ${left}, ${end}`;
}

/** A column of the comparison beside what was. */
export interface Column {
  readonly title: string;
  readonly rows: readonly Row[];
  /** In how many runs there was no active node for a while. */
  readonly without: number;
}

export function comparisonText(columns: readonly Column[]): string[] {
  const [first] = columns;
  const head = ['after each beginning', 'real', ...columns.map(({ title }) => title)];
  const body = first!.rows.map((row, index) => [
    `${row.outage + 1}. ${row.what}`,
    row.real === undefined ? '–' : rangeText(row.real),
    ...columns.map(({ rows }) => spreadText(rows[index]?.simulated)),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]!.length)));
  return [head, ...body].map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd(),
  );
}

const rangeText = ({ from, to }: Range): string =>
  to - from < 2_000 ? seconds(to) : `${seconds(from)} – ${seconds(to)}`;

const spreadText = (spread: Spread | undefined): string =>
  spread === undefined ? '–' : `${seconds(spread.median)} (${seconds(spread.least)} – ${seconds(spread.most)})`;

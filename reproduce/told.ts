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

/** Repetitions of one thing are told once, with how often. */
export function timelineText(moments: readonly Moment[], most: number): string[] {
  const kept: { readonly moment: Moment; times: number }[] = [];
  for (const moment of moments) {
    const same = kept.findLast((each) => each.moment.node === moment.node && each.moment.kind === moment.kind);
    const last = kept.findLast((each) => each.moment.node === moment.node);
    const repeats =
      same !== undefined && FOLDED.has(moment.kind) && same.moment.peer === moment.peer && !between(kept, same, moment);
    if (same !== undefined && (repeats || (last === same && same.moment.text === moment.text))) same.times++;
    else kept.push({ moment, times: 1 });
  }
  const lines = kept.map(({ moment: { at, node, text }, times }) => {
    const first = text.split('\n')[0]!.slice(0, 150);
    return `  ${clock(at)}  ${node.padEnd(8)} ${first}${times > 1 ? ` (${times} times)` : ''}`;
  });
  if (lines.length <= most) return lines;
  const half = most >> 1;
  return [
    ...lines.slice(0, half),
    `  … ${lines.length - most} more; --lines shows them`,
    ...lines.slice(lines.length - (most - half)),
  ];
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

/** Whether its node began or ended something since it was told. */
function between(
  kept: readonly { readonly moment: Moment }[],
  since: { readonly moment: Moment },
  { node, peer }: Moment,
): boolean {
  const from = kept.findIndex((each) => each === since);
  return kept
    .slice(from + 1)
    .some(
      ({ moment }) =>
        (moment.node === node && !FOLDED.has(moment.kind)) || (moment.node === peer && moment.kind === 'start'),
    );
}

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

import type { RunRecord, TraceRecord } from '../../core/trace.ts';
import { seconds, sentence } from '../words.ts';
import { PLOT, scaleTime, timeAxis } from './axis.ts';
import { faultBands } from './bands.ts';
import { element, escape, titled } from './markup.ts';

const LANE = 34;

interface Span {
  readonly state: string;
  readonly from: number;
  readonly to: number;
}

/** What one node was, and from when to when; a node that is down has no state. */
export function spans(run: RunRecord, node: string): Span[] {
  const found: Span[] = [];
  let open: { state: string; from: number } | undefined;
  const close = (at: number) => {
    if (open !== undefined && at > open.from) found.push({ ...open, to: at });
    open = undefined;
  };
  const changes = [
    ...run.trace.flatMap(({ at, node: who, event }) =>
      who === node && event.kind === 'node.state' ? [{ at, state: event.state }] : [],
    ),
    ...run.faults.flatMap((fault) =>
      fault.nodes.includes(node) && /\b(kill|crash|power|stop|pause)/.test(fault.what)
        ? [{ at: fault.at, state: 'down' }]
        : [],
    ),
  ].sort((a, b) => a.at - b.at);
  for (const { at, state } of changes) {
    close(at);
    open = { state, from: at };
  }
  close(run.duration);
  return found;
}

function marks(run: RunRecord, node: string, y: number): string {
  const x = scaleTime(run.duration);
  return run.trace
    .filter((record): record is TraceRecord => record.node === node && sentence(record.event) !== undefined)
    .map(({ at, event }) =>
      titled(
        'circle',
        { class: `mark ${event.kind.replace('.', '-')}`, cx: x(at).toFixed(1), cy: y, r: 3 },
        `${seconds(at)} ${node} ${sentence(event)}`,
      ),
    )
    .join('');
}

/** A lane per node, coloured by what the node was: leadership over time is read off the active colour. */
export function lanes(run: RunRecord): string {
  const x = scaleTime(run.duration);
  const height = run.nodes.length * LANE;
  const rows = run.nodes.map((node, index) => {
    const y = index * LANE;
    const bars = spans(run, node).map(({ state, from, to }) =>
      titled(
        'rect',
        { class: `state ${state}`, x: x(from), y: y + 5, width: Math.max(0.5, x(to) - x(from)), height: LANE - 16 },
        `${node} ${state} ${seconds(from)} – ${seconds(to)}`,
      ),
    );
    const name = element('text', { class: 'name', x: PLOT.left - 8, y: y + 19, 'text-anchor': 'end' }, escape(node));
    return name + bars.join('') + marks(run, node, y + LANE - 6);
  });
  return element(
    'svg',
    { viewBox: `0 -4 ${PLOT.width} ${height + 24}`, role: 'img', 'aria-label': 'what each node was' },
    faultBands(run, height) + timeAxis(run.duration, height) + rows.join(''),
  );
}

import type { LoadRecord, RunRecord } from '../../core/trace.ts';
import { seconds } from '../words.ts';
import { PLOT, scaleTime, timeAxis } from './axis.ts';
import { faultBands } from './bands.ts';
import { element, escape, titled } from './markup.ts';

const LANE = 44;
const HEIGHT = 36;
/** Narrower bars could not be told apart. */
const MOST_BARS = 250;

/** A row of bars for each node: what share of its cores worked. */
export function loads(run: RunRecord): string {
  const height = run.loads.length * LANE;
  const rows = run.loads.map((load, index) => {
    const y = index * LANE;
    const name = escape(load.nodes.join(', '));
    return (
      element('text', { class: 'name', x: PLOT.left - 8, y: y + HEIGHT - 8, 'text-anchor': 'end' }, name) +
      element('line', { class: 'tick', x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: y + HEIGHT, y2: y + HEIGHT }) +
      bars(run, load, y)
    );
  });
  return element(
    'svg',
    { viewBox: `0 -4 ${PLOT.width} ${height + 24}`, role: 'img', 'aria-label': 'how busy the cores of each node were' },
    faultBands(run, height) + timeAxis(run.duration, height) + rows.join(''),
  );
}

function bars(run: RunRecord, { cores, slice, busy }: LoadRecord, y: number): string {
  const x = scaleTime(run.duration);
  const together = Math.ceil(run.duration / slice / MOST_BARS);
  const drawn: string[] = [];
  for (let first = 0; first < busy.length; first += together) {
    const [from, to] = [first * slice, Math.min((first + together) * slice, run.duration)];
    const worked = busy.slice(first, first + together).reduce((sum, each) => sum + each, 0);
    // What is queued when the run ends is work of its last slice.
    const share = Math.min(1, worked / (Math.max(1, to - from) * cores));
    if (share === 0 || to <= from) continue;
    const size = { x: x(from).toFixed(1), width: (x(to) - x(from)).toFixed(1), height: (share * HEIGHT).toFixed(1) };
    drawn.push(
      titled(
        'rect',
        { class: 'load', y: (y + HEIGHT * (1 - share)).toFixed(1), ...size },
        `${seconds(from)} – ${seconds(to)}: ${(share * 100).toFixed(1)} %`,
      ),
    );
  }
  return drawn.join('');
}

import type { RunRecord } from '../../core/trace.ts';
import { latency } from '../quantile.ts';
import { seconds, span } from '../words.ts';
import { PLOT, scaleTime, timeAxis } from './axis.ts';
import { faultBands } from './bands.ts';
import { element, titled } from './markup.ts';

const HEIGHT = 220;
const DECADES = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/** Every operation as a dot: time against latency on a log scale; failures and unknowns in their own colours. */
export function latencyChart(run: RunRecord): string {
  const x = scaleTime(run.duration);
  const slowest = Math.max(100_000, ...run.operations.map((operation) => latency(operation) ?? 0));
  const top = Math.log10(DECADES.find((decade) => decade >= slowest) ?? slowest);
  const y = (micros: number) => HEIGHT - ((Math.log10(Math.max(10, micros)) - 1) / (top - 1)) * HEIGHT;
  const grid = DECADES.filter((decade) => Math.log10(decade) <= top).map(
    (decade) =>
      element('line', { class: 'tick', x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: y(decade), y2: y(decade) }) +
      element('text', { class: 'label', x: PLOT.left - 8, y: y(decade) + 4, 'text-anchor': 'end' }, span(decade)),
  );
  const dots = run.operations.map((operation) => {
    const took = latency(operation) ?? run.duration - operation.invoked;
    const at = operation.returned ?? run.duration;
    return titled(
      'circle',
      {
        class: operation.outcome,
        cx: x(at).toFixed(1),
        cy: y(took).toFixed(1),
        r: operation.outcome === 'ok' ? 1.6 : 2.6,
      },
      `${operation.client} ${operation.kind}: ${operation.outcome} at ${seconds(at)} after ${span(took)}`,
    );
  });
  const body = faultBands(run, HEIGHT) + timeAxis(run.duration, HEIGHT) + grid.join('') + dots.join('');
  return element(
    'svg',
    { viewBox: `0 -10 ${PLOT.width} ${HEIGHT + 34}`, role: 'img', 'aria-label': 'latency over time' },
    body,
  );
}

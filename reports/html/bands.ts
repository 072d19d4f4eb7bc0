import type { RunRecord } from '../../core/trace.ts';
import { faultSentence, seconds } from '../words.ts';
import { scaleTime } from './axis.ts';
import { titled } from './markup.ts';

/** Faults as shaded spans behind a chart; an instant fault is a thin line. */
export function faultBands(run: RunRecord, height: number): string {
  const x = scaleTime(run.duration);
  return run.faults
    .map((fault) => {
      const from = x(fault.at);
      const width = Math.max(1.5, x(fault.until ?? fault.at) - from);
      const when = fault.until === undefined ? seconds(fault.at) : `${seconds(fault.at)} – ${seconds(fault.until)}`;
      return titled('rect', { class: 'band', x: from, y: 0, width, height }, `${faultSentence(fault)} ${when}`);
    })
    .join('');
}

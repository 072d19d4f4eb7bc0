import { element } from './markup.ts';

/** The drawing area every chart of the page shares, so that their times line up. */
export const PLOT = { left: 96, right: 16, width: 1120 } as const;

export const plotWidth = PLOT.width - PLOT.left - PLOT.right;

/** Horizontal position of a virtual time. */
export const scaleTime =
  (duration: number) =>
  (at: number): number =>
    PLOT.left + (Math.min(at, duration) / Math.max(1, duration)) * plotWidth;

/** A round step in micros that gives about `count` ticks. */
export function step(duration: number, count: number): number {
  const rough = Math.max(1, duration / count);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= rough)!;
}

export function timeAxis(duration: number, y: number): string {
  const x = scaleTime(duration);
  const every = step(duration, 10);
  const ticks: string[] = [];
  for (let at = 0; at <= duration; at += every) {
    ticks.push(element('line', { class: 'tick', x1: x(at), x2: x(at), y1: 0, y2: y }));
    ticks.push(element('text', { class: 'label', x: x(at), y: y + 14, 'text-anchor': 'middle' }, `${at / 1e6} s`));
  }
  return ticks.join('');
}

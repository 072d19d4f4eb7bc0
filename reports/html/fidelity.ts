/** The page of `steamer fidelity`: both distributions of each row as steps, real and simulated. */
import { type Judged, rowName } from '../fidelity.ts';
import { PLOT, plotWidth, step } from './axis.ts';
import { element, escape } from './markup.ts';
import { STYLE } from './style.ts';

const HEIGHT = 220;
const MORE_STYLE = `
.ecdf { fill: none; stroke-width: 2; } .ecdf.real { stroke: var(--ink); } .ecdf.ours { stroke: var(--active); }
.interval { fill: var(--standby); opacity: .3; } .key.real { background: var(--ink); color: var(--paper); } .key.ours { background: var(--active); }
`;

export function fidelityPage(judged: readonly Judged[], facts: readonly string[]): string {
  const body = [
    element('h1', {}, 'Time from a fault to the first acknowledged write: the real server and ours'),
    ...facts.map((fact) => element('p', { class: 'note' }, escape(fact))),
    element(
      'p',
      { class: 'legend' },
      `${element('span', { class: 'key real' }, 'real')}${element('span', { class: 'key ours' }, 'simulated')} Shaded: 95 % interval of the real median.`,
    ),
    table(judged),
    ...judged.map((row) => element('section', {}, element('h2', {}, escape(title(row))) + chart(row))),
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Fidelity</title><style>${STYLE}${MORE_STYLE}</style></head><body>${body.join('\n')}</body></html>\n`;
}

const title = (row: Judged): string =>
  `${rowName(row)}: ${row.told ? 'differs' : 'not told apart'} (p ${row.p.toFixed(3)})`;

const ms = (value: number): string => `${Math.round(value)} ms`;

const cells = (row: Judged): string[] => [
  rowName(row),
  String(row.real.length),
  ms(row.realMedian),
  `${ms(row.interval[0])} – ${ms(row.interval[1])}`,
  String(row.ours.length),
  ms(row.ourMedian),
  row.medianHolds ? 'yes' : 'no',
  row.distance.toFixed(3),
  row.p.toFixed(3),
  row.fast === undefined ? '' : `${Math.round(row.fast.real * 100)} % / ${Math.round(row.fast.ours * 100)} %`,
];

function table(judged: readonly Judged[]): string {
  const head = ['row', 'real', 'real median', '95 %', 'ours', 'our median', 'inside', 'distance', 'p', 'fast'];
  const rows = judged.map((row) =>
    element(
      'tr',
      {},
      cells(row)
        .map((cell) => element('td', {}, escape(cell)))
        .join(''),
    ),
  );
  return element('table', {}, element('tr', {}, head.map((name) => element('th', {}, name)).join('')) + rows.join(''));
}

function chart(row: Judged): string {
  const most = Math.max(...row.real, ...row.ours) * 1.02;
  const x = (time: number): number => Math.round((PLOT.left + (time / most) * plotWidth) * 10) / 10;
  const y = (part: number): number => Math.round((10 + (1 - part) * (HEIGHT - 40)) * 10) / 10;
  const marks: string[] = [
    element('rect', {
      class: 'interval',
      x: x(row.interval[0]),
      width: Math.max(1, x(row.interval[1]) - x(row.interval[0])),
      y: y(1),
      height: y(0) - y(1),
    }),
  ];
  const every = step(most, 10);
  for (let at = 0; at <= most; at += every) {
    marks.push(element('line', { class: 'tick', x1: x(at), x2: x(at), y1: y(1), y2: y(0) }));
    marks.push(
      element('text', { class: 'label', x: x(at), y: HEIGHT - 12, 'text-anchor': 'middle' }, `${at / 1000} s`),
    );
  }
  for (const part of [0, 0.5, 1])
    marks.push(
      element('text', { class: 'label', x: PLOT.left - 8, y: y(part) + 4, 'text-anchor': 'end' }, `${part * 100} %`),
    );
  for (const [kind, times] of [['real', row.real] as const, ['ours', row.ours] as const])
    marks.push(element('path', { class: `ecdf ${kind}`, d: steps(times, x, y) }));
  return element(
    'svg',
    { viewBox: `0 0 ${PLOT.width} ${HEIGHT}`, role: 'img', 'aria-label': title(row) },
    marks.join(''),
  );
}

function steps(times: readonly number[], x: (time: number) => number, y: (part: number) => number): string {
  const sorted = [...times].sort((a, b) => a - b);
  let path = `M${PLOT.left} ${y(0)}`;
  for (const [index, time] of sorted.entries()) path += `H${x(time)}V${y((index + 1) / sorted.length)}`;
  return `${path}H${PLOT.left + plotWidth}`;
}

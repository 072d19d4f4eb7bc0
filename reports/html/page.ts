import { logText } from '../../core/codec/log-text.ts';
import type { RunRecord } from '../../core/trace.ts';
import { phases } from '../quantile.ts';
import { moments } from '../timeline.ts';
import { seconds, span } from '../words.ts';
import { lanes } from './lanes.ts';
import { latencyChart } from './latency.ts';
import { loads } from './loads.ts';
import { element, escape } from './markup.ts';
import { STYLE } from './style.ts';

const LOG_LINES = 2_000;

/** One self-contained page about one run: no script, nothing loaded from elsewhere. */
export function page(run: RunRecord): string {
  const body = [
    heading(run),
    section(
      'Latency over time',
      latencyChart(run),
      'Each dot is one client operation, placed where it ended. Shaded: faults.',
    ),
    section('Nodes', legend() + lanes(run), 'What each node was; dots are elections, timeouts and refusals.'),
    section('Processors', loads(run), 'How much of its cores each node keeps busy, from none to all.'),
    section('Latency before, during and after the fault', latencyRows(run)),
    section('Timeline', timelineRows(run)),
    section('Node logs', logLines(run)),
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${element(
    'title',
    {},
    escape(`${run.scenario} · seed ${run.seed}`),
  )}<style>${STYLE}</style></head><body>${body.join('\n')}</body></html>\n`;
}

function heading(run: RunRecord): string {
  const facts: [string, string][] = [
    ['seed', String(run.seed)],
    ['hash', run.hash],
    ['simulated', seconds(run.duration)],
    ['took', `${run.wallMs} ms`],
    ['events', String(run.events)],
    ['acknowledged', String(run.operations.filter(({ outcome }) => outcome === 'ok').length)],
    ['failed', String(run.operations.filter(({ outcome }) => outcome === 'failed').length)],
    ['unknown', String(run.operations.filter(({ outcome }) => outcome === 'unknown').length)],
  ];
  const list = facts.map(([name, value]) =>
    element('div', {}, element('dt', {}, name) + element('dd', {}, escape(value))),
  );
  const violations = run.violations.map(({ at, checker, message }) =>
    element('li', {}, escape(`${seconds(at)} ${checker}: ${message}`)),
  );
  return [
    element('h1', {}, `${element('span', { class: `verdict ${run.verdict}` }, run.verdict)} ${escape(run.scenario)}`),
    element('pre', { class: 'reproduce' }, escape(run.reproduce)),
    element('dl', {}, list.join('')),
    violations.length === 0 ? '' : element('ul', { class: 'violations' }, violations.join('')),
  ].join('\n');
}

const section = (title: string, content: string, note = ''): string =>
  element('section', {}, element('h2', {}, title) + (note ? element('p', { class: 'note' }, note) : '') + content);

function legend(): string {
  const states = ['active', 'standby', 'sealed', 'uninitialised', 'down'];
  return element(
    'p',
    { class: 'legend' },
    states.map((state) => element('span', { class: `key ${state}` }, state)).join(''),
  );
}

/** One row's cells. */
const cells = (row: readonly string[], tag: string): string =>
  row.map((cell) => element(tag, {}, escape(cell))).join('');

function table(head: readonly string[], rows: readonly (readonly string[])[], classes: readonly string[] = []): string {
  const lines = rows.map((row, index) => element('tr', { class: classes[index] ?? '' }, cells(row, 'td')));
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, cells(head, 'th'))) + element('tbody', {}, lines.join('')),
  );
}

function latencyRows(run: RunRecord): string {
  const rows = phases(run).map(({ name, from, to, latency, failed, unknown }) => [
    name,
    `${seconds(from)} – ${seconds(Math.min(to, run.duration))}`,
    ...[latency.count, failed, unknown].map(String),
    ...[latency.p50, latency.p95, latency.p99, latency.max].map(span),
  ]);
  return table(['phase', 'time', 'ok', 'failed', 'unknown', 'p50', 'p95', 'p99', 'max'], rows);
}

function timelineRows(run: RunRecord): string {
  const told = moments(run);
  return table(
    ['time', 'who', 'what'],
    told.map(({ at, who, text }) => [seconds(at), who, text]),
    told.map(({ weight }) => weight),
  );
}

function logLines(run: RunRecord): string {
  const lines = run.logs
    .filter(({ level }) => level !== 'trace' && level !== 'debug')
    .slice(0, LOG_LINES)
    .map(({ at, node, level, name, message, fields }) =>
      escape(`${seconds(at).padStart(11)} ${node} ${logText(level, name, message, fields)}`),
    );
  const left = run.logs.length > LOG_LINES ? `\n… ${run.logs.length - LOG_LINES} more` : '';
  return element(
    'details',
    {},
    element('summary', {}, `${lines.length} lines`) + element('pre', {}, lines.join('\n') + left),
  );
}

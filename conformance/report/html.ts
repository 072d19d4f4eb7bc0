/** One self-contained page: what changed, and a matrix of operations and ways of asking them; a cell opens its diff. */
import { escape } from '../../reports/html/markup.ts';
import type { Change } from '../changes.ts';
import type { Cell, Report, Row, Verdict } from '../conform.ts';
import type { Documents } from '../documents.ts';
import { KINDS } from '../probes.ts';
import { grouped, sections } from './changes.ts';
import { SCRIPT, STYLE } from './page.ts';

const CLASS: Readonly<Record<Verdict, string>> = {
  same: 'same',
  differs: 'differs',
  'not covered': 'uncovered',
  'not implemented': 'absent',
};
const VERDICTS = Object.keys(CLASS) as Verdict[];

export function htmlReport(report: Report): string {
  const { target, against, rows, cases } = report;
  const cells: CellData[] = [];
  const areas = [...new Set(rows.map(({ operation }) => operation.area))].sort();
  const matrices = areas.map((area) => {
    const own = rows.filter(({ operation }) => operation.area === area);
    return matrix(area, own, cells);
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(target)} against ${escape(against)}</title><style>${STYLE}</style></head><body>
<h1>${escape(target)} <span class="dim">against</span> ${escape(against)}</h1>
<p class="dim">${rows.length} operations, ${sum(cases.map(({ steps }) => steps))} requests in ${cases.length} cases. Red is ${escape(against)}, green is ${escape(target)}.</p>
${figures(rows, report.documents)}
<h2>Areas</h2>${areaTable(areas, rows)}
<h2>What is different</h2>${changed(report)}
<h2>Operations</h2>
<p class="dim">A column is a way of asking. A number is how many requests were answered the same, or, in red, how many differences there are; every cell opens. A dash: not implemented. "Not covered" has no case yet in which it succeeds.</p>
<div class="tools"><input type="search" placeholder="Operations with all of these words" aria-label="Search">${VERDICTS.map(
    (verdict) => `<label><input type="checkbox" value="${CLASS[verdict]}" checked> ${verdict}</label>`,
  ).join('')}</div>
${matrices.join('\n')}
<h2>Cases</h2>${caseTable(report)}
<dialog><header><h3></h3><form method="dialog"><button>Close</button></form></header><div></div></dialog>
<script id="cells" type="application/json">${JSON.stringify(cells).replace(/</g, '\\u003c')}</script>
<script>${SCRIPT}</script>
</body></html>
`;
}

/** What a cell opens: title, differences (request, where, from, to), requests with their status. */
interface CellData {
  readonly t: string;
  readonly d: readonly (readonly [request: string, at: string, from: string, to: string])[];
  readonly q: readonly (readonly [request: string, status: number])[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const countOf = (rows: readonly Row[], verdict: Verdict): number =>
  rows.filter((row) => row.verdict === verdict).length;

function figures(rows: readonly Row[], documents: Documents | undefined): string {
  const figure = (count: number, name: string, kind: string): string =>
    `<div class="figure ${kind}"><b>${count}</b>${name}</div>`;
  const added = documents === undefined ? '' : figure(documents.added.length, 'only in the target', 'absent');
  return `<div class="figures">${VERDICTS.map((verdict) => figure(countOf(rows, verdict), verdict, CLASS[verdict])).join('')}${added}</div>`;
}

function areaTable(areas: readonly string[], rows: readonly Row[]): string {
  const lines = areas.map((area) => {
    const own = rows.filter(({ operation }) => operation.area === area);
    const counts = VERDICTS.map((verdict) => countOf(own, verdict));
    const bar = VERDICTS.map(
      (verdict, index) => `<i class="${CLASS[verdict]}" style="width:${(100 * counts[index]!) / own.length}%"></i>`,
    ).join('');
    return `<tr><td><a href="#${escape(area)}">${escape(area)}</a></td>${counts.map((count) => `<td class="number">${count || ''}</td>`).join('')}<td><div class="bar">${bar}</div></td></tr>`;
  });
  return `<table><thead><tr><th>area</th>${VERDICTS.map((verdict) => `<th>${verdict}</th>`).join('')}<th></th></tr></thead><tbody>${lines.join('\n')}</tbody></table>`;
}

function matrix(area: string, rows: readonly Row[], cells: CellData[]): string {
  const cell = (id: string, kind: string, found: Cell | undefined): string => {
    if (found === undefined) return '<td class="cell"></td>';
    const place = cells.push({
      t: `${id}: ${kind}`,
      d: found.differences.map((one) => [`${one.case}: ${one.request}`, one.at, one.expected, one.actual]),
      q: found.asked.map((one) => [`${one.case}: ${one.request}`, one.status]),
    });
    const text = { same: found.asked.length, differs: found.differences.length, 'not implemented': '–' }[found.verdict];
    return `<td class="cell ${CLASS[found.verdict]}" data-cell="${place - 1}">${text}</td>`;
  };
  const lines = rows.map(
    ({ operation: { id }, verdict, cells: own }) =>
      `<tr data-verdict="${CLASS[verdict]}"><td class="id">${escape(id)}</td><td class="${CLASS[verdict]}">${verdict}</td>${KINDS.map((kind) => cell(id, kind, own.get(kind))).join('')}</tr>`,
  );
  const head = `<tr><th>operation</th><th>verdict</th>${KINDS.map((kind) => `<th><span class="kind">${kind}</span></th>`).join('')}</tr>`;
  return `<section class="area matrix" id="${escape(area)}"><h3>${escape(area)} <small>${countOf(rows, 'same')} of ${rows.length} same</small></h3><table><thead>${head}</thead><tbody>${lines.join('\n')}</tbody></table></section>`;
}

/** So many places of a change are shown. */
const SEEN = 5;

function changed(report: Report): string {
  const parts = report.documents === undefined ? [] : documented(report.documents);
  for (const { title, changes } of sections(report))
    parts.push(details(`${title} (${changes.length})`, changes.map(changeItem)));
  return parts.join('\n') || '<p>Nothing.</p>';
}

const details = (title: string, items: readonly string[]): string =>
  `<details open><summary>${escape(title)}</summary><ul class="changes">${items.map((item) => `<li>${item}</li>`).join('\n')}</ul></details>`;

function documented({ added, gone, fields }: Documents): string[] {
  const ids = (title: string, list: readonly string[]): string[] =>
    list.length === 0
      ? []
      : [
          details(
            `${title} (${list.length})`,
            grouped(list).map((line) => `<span class="id">${escape(line)}</span>`),
          ),
        ];
  const changes = fields.map(({ operation, added, gone, changed }) => {
    const names = [
      ...added.map((name) => `<ins>${escape(name)}</ins>`),
      ...gone.map((name) => `<del>${escape(name)}</del>`),
      ...changed.map(escape),
    ];
    return `<span class="id">${escape(operation)}</span> ${names.join(' ')}`;
  });
  return [
    ...ids('Operations that are documented no more', gone),
    ...ids('Operations that are documented now', added),
    ...(changes.length === 0 ? [] : [details(`Fields of requests (${changes.length} operations)`, changes)]),
  ];
}

function changeItem({ kind, at, from, to, seen }: Change): string {
  const where = [...new Set(seen)];
  const rest = where.length > SEEN ? `<div class="seen">and ${where.length - SEEN} more</div>` : '';
  const places = where.slice(0, SEEN).map((place) => `<div class="seen id">${escape(place)}</div>`);
  const what = kind === 'status' ? '' : `<code>${escape(at)}</code> `;
  return `${what}<del>${escape(from)}</del> <ins>${escape(to)}</ins>${places.join('')}${rest}`;
}

function caseTable({ cases, left }: Report): string {
  const lines = cases.map(
    ({ name, steps, differences, broken }) =>
      `<tr><td class="id">${escape(name)}</td><td class="number">${steps}</td><td class="number ${broken !== undefined || differences.length > 0 ? 'differs' : 'same'}">${differences.length}</td><td>${escape(broken ?? '')}</td></tr>`,
  );
  const out = left.map((line) => `<p class="dim">left out: ${escape(line)}</p>`).join('\n');
  return `<table><thead><tr><th>case</th><th>requests</th><th>differences</th><th></th></tr></thead><tbody>${lines.join('\n')}</tbody></table>${out}`;
}

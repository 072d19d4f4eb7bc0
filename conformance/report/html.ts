/** One self-contained page: a row an operation, a column a way of asking it; a cell opens its differences. */
import type { Cell, Report } from '../conform.ts';
import { KINDS } from '../probes.ts';
import { differenceText } from './table.ts';

const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const STYLE = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #222 }
table { border-collapse: collapse } th, td { border: 1px solid #ddd; padding: 2px 6px; text-align: left }
thead th { position: sticky; top: 0; background: #fff } .kind { writing-mode: vertical-rl }
.same { background: #d9f2dd } .differs { background: #ffd9d2; cursor: pointer } .absent { background: #eee; color: #777 }
.uncovered { background: #fff4c9 } td.cell { text-align: center; min-width: 1.6em } td.id { font-family: ui-monospace, monospace }
pre { background: #f7f7f7; padding: 1rem; overflow: auto; max-height: 60vh } dialog { width: 80vw } h2 { margin-top: 2rem }`;

const CLASS = { same: 'same', differs: 'differs', 'not implemented': 'absent', 'not covered': 'uncovered' } as const;

export function htmlReport({ target, against, rows, cases }: Report): string {
  const diffs: string[] = [];
  const cell = (found: Cell | undefined): string => {
    if (found === undefined) return '<td class="cell"></td>';
    if (found.differences.length === 0 || found.verdict === 'not implemented')
      return `<td class="cell ${CLASS[found.verdict]}" title="${found.verdict}">${found.verdict === 'same' ? found.count : '–'}</td>`;
    diffs.push(found.differences.map((difference) => `${difference.case}\n${differenceText(difference)}`).join('\n\n'));
    return `<td class="cell differs" data-diff="${diffs.length - 1}">${found.differences.length}</td>`;
  };
  const areas = [...new Set(rows.map(({ operation }) => operation.area))].sort();
  const sections = areas.map((area) => {
    const own = rows.filter(({ operation }) => operation.area === area);
    const same = own.filter(({ verdict }) => verdict === 'same').length;
    const lines = own.map(
      ({ operation, verdict, cells }) =>
        `<tr><td class="id">${escape(operation.id)}</td><td class="${CLASS[verdict]}">${verdict}</td>${KINDS.map((kind) => cell(cells.get(kind))).join('')}</tr>`,
    );
    const head = `<tr><th>operation</th><th>verdict</th>${KINDS.map((kind) => `<th class="kind">${kind}</th>`).join('')}</tr>`;
    return `<h2>${escape(area)} <small>${same} of ${own.length} same</small></h2><table><thead>${head}</thead><tbody>${lines.join('\n')}</tbody></table>`;
  });
  const played = cases.map(
    ({ name, steps, differences, broken }) =>
      `<tr><td class="id">${escape(name)}</td><td>${steps}</td><td>${differences.length}</td><td>${escape(broken ?? '')}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(target)} against ${escape(against)}</title><style>${STYLE}</style></head><body>
<h1>${escape(target)} against ${escape(against)}</h1>
<p>A number in green: requests answered the same. In red: differences; click to see them. – : not implemented.</p>
${sections.join('\n')}
<h2>Cases</h2><table><thead><tr><th>case</th><th>requests</th><th>differences</th><th></th></tr></thead><tbody>${played.join('\n')}</tbody></table>
<dialog id="d"><pre id="p"></pre><form method="dialog"><button>Close</button></form></dialog>
<script id="diffs" type="application/json">${JSON.stringify(diffs).replace(/</g, '\\u003c')}</script>
<script>const diffs=JSON.parse(document.getElementById('diffs').textContent);document.addEventListener('click',e=>{const c=e.target.closest('[data-diff]');if(!c)return;document.getElementById('p').textContent=diffs[c.dataset.diff];document.getElementById('d').showModal()})</script>
</body></html>
`;
}

/** How the page looks and what it does; no outside resource, and readable without its script but for the details. */

export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #3a3f47); --soft: light-dark(#f5f6f8, #22262c);
  --text: light-dark(#1d2127, #e4e6ea); --dim: light-dark(#6b7280, #9aa1ac); --page: light-dark(#fff, #181b20);
  --same: light-dark(#d6f0dc, #1f4a2c); --differs: light-dark(#ffd5cd, #7a2a1d); --uncovered: light-dark(#fff2c2, #5c4b10);
  --absent: light-dark(#e7e8eb, #33373e) }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem 2rem 6rem; max-width: 1500px; color: var(--text); background: var(--page) }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem } h3 { margin: 1.75rem 0 .4rem; font-size: 1rem }
h3 small, .dim { color: var(--dim); font-weight: normal }
code, pre, .id { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: 12.5px }
table { border-collapse: separate; border-spacing: 0; border-top: 1px solid var(--line); border-left: 1px solid var(--line) }
th, td { border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); padding: 2px 7px; text-align: left; vertical-align: top }
thead th { position: sticky; top: 0; background: var(--page); vertical-align: bottom; z-index: 1 }
td.number { text-align: right; font-variant-numeric: tabular-nums } .kind { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 500; padding: 6px 2px }
.same { background: var(--same) } .differs { background: var(--differs) } .absent { background: var(--absent); color: var(--dim) } .uncovered { background: var(--uncovered) }
td.cell { text-align: center; min-width: 1.7em; padding: 2px 3px } td.cell[data-cell] { cursor: pointer } td.cell[data-cell]:hover { outline: 2px solid var(--text); outline-offset: -2px }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 } .figure { padding: .6rem 1rem; border-radius: 6px; min-width: 7rem } .figure b { display: block; font-size: 1.6rem; line-height: 1.2 }
.bar { display: flex; width: 260px; height: 12px; border-radius: 3px; overflow: hidden; margin-top: 4px } .bar i { display: block }
details { margin: .5rem 0 } summary { cursor: pointer; font-weight: 600 } ul.changes { padding-left: 1.1rem; margin: .4rem 0 } ul.changes > li { margin: .45rem 0 }
del, ins { text-decoration: none; border-radius: 3px; padding: 0 3px; white-space: pre-wrap; overflow-wrap: anywhere } del { background: var(--differs) } ins { background: var(--same) }
.seen { color: var(--dim); overflow-wrap: anywhere } .tools { position: sticky; top: 0; background: var(--page); padding: .6rem 0; z-index: 2; display: flex; gap: 1rem; flex-wrap: wrap; align-items: center; border-bottom: 1px solid var(--line) }
.tools input[type=search] { padding: .35rem .6rem; width: 22rem; font: inherit } .tools + section thead th { top: 3.2rem } .matrix thead th { top: 3.2rem }
dialog { width: min(1100px, 90vw); max-height: 85vh; border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; background: var(--page); color: var(--text) } dialog::backdrop { background: #0008 }
dialog pre { background: var(--soft); padding: .75rem 1rem; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 } dialog header { display: flex; justify-content: space-between; gap: 1rem }
dialog ul { padding-left: 1.1rem } dialog li { margin: 2px 0; overflow-wrap: anywhere }`;

export const SCRIPT = `
const cells = JSON.parse(document.getElementById('cells').textContent);
const dialog = document.querySelector('dialog');
const make = (tag, text, cls) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (cls) e.className = cls; return e };
function open(cell) {
  const { t, d, q } = cells[cell.dataset.cell];
  const body = dialog.querySelector('div');
  body.replaceChildren();
  dialog.querySelector('h3').textContent = t;
  for (const [request, at, from, to] of d) {
    body.append(make('p', request, 'id'));
    const pre = make('pre');
    pre.append(at + '\\n', make('del', from), '\\n', make('ins', to));
    body.append(pre);
  }
  body.append(make('p', d.length === 0 ? 'Asked, and answered the same:' : 'Asked:', 'dim'));
  const list = make('ul');
  for (const [request, status] of q) list.append(make('li', status + '  ' + request, 'id'));
  body.append(list);
  dialog.showModal();
}
document.addEventListener('click', (event) => {
  const cell = event.target.closest('[data-cell]');
  if (cell) open(cell);
  else if (event.target === dialog) dialog.close();
});
const search = document.querySelector('input[type=search]');
const boxes = [...document.querySelectorAll('.tools input[type=checkbox]')];
function filter() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  for (const section of document.querySelectorAll('section.area')) {
    let any = false;
    for (const row of section.querySelectorAll('tbody tr')) {
      const text = row.firstElementChild.textContent.toLowerCase();
      const on = shown.has(row.dataset.verdict) && words.every((word) => text.includes(word));
      row.hidden = !on;
      any ||= on;
    }
    section.hidden = !any;
  }
}
search.addEventListener('input', filter);
for (const box of boxes) box.addEventListener('change', filter);`;

/** What changed, told once: operations that came and went, fields of requests, answers. For two versions or two makes. */
import type { Change } from '../changes.ts';
import { changesOf } from '../changes.ts';
import type { Report } from '../conform.ts';
import type { Documents } from '../documents.ts';

/** Where a change was seen is told so often; the rest is counted. */
const SEEN = 3;

const TITLES: Readonly<Record<Change['kind'], string>> = {
  status: 'Statuses',
  header: 'Headers',
  missing: 'Fields that are gone from answers',
  extra: 'Fields that are new in answers',
  type: 'Fields of another type or null',
  length: 'Lists with other items',
  order: 'Another order of fields',
  value: 'Values',
  id: 'Ids that are not consistent',
  text: 'Texts',
};

export interface Section {
  readonly title: string;
  readonly changes: readonly Change[];
}

/** By kind, without what follows from an operation that came or went. */
export function sections(report: Report): Section[] {
  const absent = new Set(
    report.rows
      .filter(({ verdict }) => verdict === 'not implemented')
      .flatMap(({ cells }) =>
        [...cells.values()].flatMap(({ asked }) => asked.map((one) => key(one.case, one.request))),
      ),
  );
  const told = report.cases.map(({ name, differences }) => ({
    name,
    differences: differences.filter(({ request }) => !absent.has(key(name, request))),
  }));
  const changes = changesOf(told);
  return [...new Set(changes.map(({ kind }) => kind))].map((kind) => ({
    title: TITLES[kind],
    changes: changes.filter((change) => change.kind === kind),
  }));
}

const key = (name: string, request: string): string => `${name}: ${request}`;

export function changesText(report: Report): string {
  const lines = report.documents === undefined ? [] : documentLines(report.documents);
  for (const { title, changes } of sections(report)) {
    lines.push('', title);
    for (const change of changes) lines.push(...changeLines(change));
  }
  return lines.join('\n').trim();
}

function documentLines({ added, gone, fields }: Documents): string[] {
  const list = (title: string, ids: readonly string[]): string[] =>
    ids.length === 0 ? [] : ['', `${title}: ${ids.length}`, ...grouped(ids).map((line) => `  ${line}`)];
  const changed = fields.map(({ operation, added, gone, changed }) =>
    ['', operation, ...added.map((name) => `+${name}`), ...gone.map((name) => `-${name}`), ...changed].join('  '),
  );
  return [
    ...list('Operations that are documented no more', gone),
    ...list('Operations that are documented now', added),
    ...(changed.length === 0 ? [] : ['', `Fields of requests: ${changed.length} operations`, ...changed]),
  ];
}

/** A mount that has come or gone as a whole is one line. */
export function grouped(ids: readonly string[]): string[] {
  const mounts = new Map<string, string[]>();
  for (const id of ids) {
    const [, mount = ''] = /^\S+ (\/auth\/[^/]+|\/sys\/[^/]+|\/[^/]+)/.exec(id) ?? [];
    mounts.set(mount, [...(mounts.get(mount) ?? []), id]);
  }
  return [...mounts].flatMap(([mount, own]) => (own.length > 4 ? [`${mount}/…  ${own.length} operations`] : own));
}

function changeLines({ at, from, to, seen, kind }: Change): string[] {
  const what = kind === 'status' ? '' : `${at}: `;
  const head = `${what}${from} → ${to}`;
  const lines =
    head.includes('\n') || head.length > 140
      ? [`  ${what}`.trimEnd(), ...marked('-', from), ...marked('+', to)]
      : [`  ${head}`];
  const where = [...new Set(seen)];
  for (const request of where.slice(0, SEEN)) lines.push(`      ${request}`);
  if (where.length > SEEN) lines.push(`      and ${where.length - SEEN} more`);
  return lines;
}

const marked = (mark: string, text: string): string[] => text.split('\n').map((line) => `    ${mark} ${line}`);

/**
 * Differences as a person tells them: the same change to many answers is one change. "POST x: 204 → 404" with the text
 * of the error, instead of a status, a body and a type that differ.
 */
import type { CaseResult } from './conform.ts';
import type { Difference } from './differ.ts';

export interface Change {
  /** 'status' is told first, then what is in the answers. */
  readonly kind: Difference['kind'];
  /** '.data.keys[0]', 'header Allow', 'status'. */
  readonly at: string;
  /** From the reference; `to` from the target. */
  readonly from: string;
  readonly to: string;
  /** Where it was seen, each 'case: request'. */
  readonly seen: readonly string[];
}

/** In the order in which they are told: by kind, the most frequent first. */
export const KINDS: readonly Difference['kind'][] = [
  'status',
  'header',
  'missing',
  'extra',
  'type',
  'length',
  'order',
  'value',
  'id',
  'text',
];

export function changesOf(cases: readonly Pick<CaseResult, 'name' | 'differences'>[]): Change[] {
  const changes = new Map<string, Change & { readonly seen: string[] }>();
  for (const { name, differences } of cases) {
    for (const { kind, at, expected, actual, request } of merged(differences)) {
      const place = at.replace(/\[\d+\]/g, '[]');
      const key = JSON.stringify([kind, place, expected, actual]);
      let change = changes.get(key);
      if (change === undefined) changes.set(key, (change = { kind, at: place, from: expected, to: actual, seen: [] }));
      change.seen.push(`${name}: ${request}`);
    }
  }
  const rank = ({ kind }: Change): number => KINDS.indexOf(kind);
  return [...changes.values()].sort((a, b) => rank(a) - rank(b) || b.seen.length - a.seen.length);
}

/** When the status differs, so does the body: one difference, told with the error's text. */
function merged(differences: readonly Difference[]): Difference[] {
  const bySteps = new Map<number, Difference[]>();
  for (const one of differences) bySteps.set(one.step, [...(bySteps.get(one.step) ?? []), one]);
  return [...bySteps.values()].flatMap((own) => {
    const status = own.find(({ kind }) => kind === 'status');
    const body = own.find(({ at }) => at === 'body' || at.startsWith('.errors'));
    if (status === undefined || body === undefined) return own;
    const together = {
      ...status,
      expected: `${status.expected} ${brief(body.expected)}`.trim(),
      actual: `${status.actual} ${brief(body.actual)}`.trim(),
    };
    return [together, ...own.filter((one) => one !== status && one !== body && one.kind !== 'header')];
  });
}

/** Of a body only what an error says. */
function brief(text: string): string {
  if (text === 'empty') return '';
  const errors = /^\{"errors":(\[.*\])\}$/s.exec(text)?.[1];
  if (errors !== undefined) return (JSON.parse(errors) as string[]).join('\n').trim();
  return text.startsWith('{"request_id"') ? '' : text;
}

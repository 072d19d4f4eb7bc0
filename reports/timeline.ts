import type { RunRecord } from '../core/trace.ts';
import { outages } from './outages.ts';
import { faultName, faultSentence, seconds, sentence, span } from './words.ts';

/** One line of the story. `weight` tells a report what to stress. */
export interface Moment {
  readonly at: number;
  readonly who: string;
  readonly text: string;
  readonly weight: 'fault' | 'event' | 'client' | 'violation';
}

/** Everything worth telling, in order of time; runs of client errors are folded into outages. */
export function moments(run: RunRecord): Moment[] {
  const told: Moment[] = [];
  for (const { at, node, event } of run.trace) {
    const text = sentence(event);
    if (text !== undefined) told.push({ at, who: node, text, weight: 'event' });
  }
  for (const fault of run.faults) {
    told.push({ at: fault.at, who: 'world', text: faultSentence(fault), weight: 'fault' });
    if (fault.until !== undefined)
      told.push({ at: fault.until, who: 'world', text: `end of: ${faultName(fault)}`, weight: 'fault' });
  }
  told.push(...troubles(run));
  for (const { at, checker, message } of run.violations)
    told.push({ at, who: checker, text: `VIOLATION ${message}`, weight: 'violation' });
  return told.sort((a, b) => a.at - b.at);
}

/** Where clients stopped being served, and where they were served again. */
function troubles(run: RunRecord): Moment[] {
  return outages(run.operations).flatMap(({ kind, from, client, note, until, failed, unknown }) => {
    const begin = {
      at: from,
      who: client,
      text: `no ${kind} is served: ${note ?? 'no answer'}`,
      weight: 'client' as const,
    };
    if (until === undefined) return [begin];
    const lost = `${failed} failed, ${unknown} unknown`;
    return [
      begin,
      {
        at: until,
        who: 'clients',
        text: `${kind} served again after ${span(until - from)} (${lost})`,
        weight: 'client' as const,
      },
    ];
  });
}

/** The timeline as text, `most` lines of it at the most, the middle of long stretches left out and counted. */
export function timelineText(run: RunRecord, most = 60): string {
  const all = moments(run);
  const kept = all.length <= most ? all : around(all, most);
  const width = Math.max(5, ...kept.map(({ who }) => who.length));
  const lines: string[] = [];
  let previous = -1;
  for (const moment of kept) {
    const index = all.indexOf(moment);
    if (previous >= 0 && index > previous + 1) lines.push(`${' '.repeat(12)}… ${index - previous - 1} more`);
    lines.push(`${seconds(moment.at).padStart(11)}  ${moment.who.padEnd(width)}  ${moment.text}`);
    previous = index;
  }
  return lines.join('\n');
}

/** The moments nearest to the first fault, which is what a reader came for. */
function around(all: readonly Moment[], most: number): Moment[] {
  const pivot = Math.max(
    0,
    all.findIndex(({ weight }) => weight === 'fault'),
  );
  const from = Math.max(0, Math.min(pivot - Math.floor(most / 4), all.length - most));
  return all.slice(from, from + most);
}

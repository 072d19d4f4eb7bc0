/** What `steamer run` says about a run: one line, one JSON object, or the whole story. */
import { latencyChart, latencyTable } from '../../reports/chart.ts';
import { timelineText } from '../../reports/timeline.ts';
import { seconds } from '../../reports/words.ts';
import type { Played } from './pool.ts';
import type { Shrunk } from './shrink.ts';

/** One object a run, for machines. */
export function jsonLine({
  scenario,
  seed,
  verdict,
  hash,
  simulatedSeconds,
  wallMs,
  events,
  requests,
  violations,
}: Played): string {
  return JSON.stringify({ scenario, seed, verdict, hash, simulatedSeconds, wallMs, events, requests, violations });
}

/** What a run did, in a line. */
export function summaryLine({ scenario, seed, verdict, hash, simulatedSeconds, wallMs, summary }: Played): string {
  const did = [
    `${summary.acknowledged} acknowledged`,
    `${summary.failed} failed`,
    `${summary.unknown} unknown`,
    `${summary.faultsThatBit} faults bit`,
    `${summary.elections} elections`,
    `${summary.bytesLost} unsynced bytes lost`,
  ];
  const mark = verdict === 'passed' ? '✓' : '✗';
  return `${mark} ${scenario}  seed ${seed}  ${hash}  ${simulatedSeconds.toFixed(1)} s in ${wallMs} ms  (${did.join(', ')})`;
}

/** Why a run failed, and how to see it again. */
export function failureText({ violations, reproduce }: Played): string {
  const lines = violations.map(
    ({ checker, at, message }) => `    ${seconds(at)}  ${checker}: ${message.split('\n').join('\n      ')}`,
  );
  return [...lines, `    reproduce: ${reproduce}`].join('\n');
}

/** What is left of a failed run: its faults, what they end in, and how to see it again. */
export function shrunkText({ left, before, runs }: Shrunk, run: Played): string {
  const noted = new Set(run.faults.map(({ number }) => number));
  const others = run.drawn.filter(({ number }) => !noted.has(number)).map((fault) => ({ ...fault, nodes: [] }));
  const violations = run.violations.map((found) => ({ ...found, message: found.message.split('\n')[0]! }));
  const faults = [...run.faults, ...others];
  return [
    summaryLine(run),
    `\n${left.length} of ${before} faults ${left.length === 1 ? 'is' : 'are'} left, after ${runs} runs`,
    `${timelineText({ ...run, trace: [], operations: [], faults, violations })}\n`,
    `    reproduce: ${run.reproduce}`,
  ].join('\n');
}

/** The timeline of what happened, and latency before, during and after. */
export function storyText(run: Played): string {
  return [`\nTimeline\n${timelineText(run)}`, `\nLatency\n${latencyChart(run)}`, `\n${latencyTable(run)}`].join('\n');
}

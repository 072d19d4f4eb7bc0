/** A simulated run as its nodes would have printed it, with the banners that are the host's. */
import { logText } from '../core/codec/log-text.ts';
import { formatRfc3339 } from '../core/codec/rfc3339.ts';
import type { Micros } from '../core/runtime.ts';
import type { RunRecord } from '../core/trace.ts';

/** When a run begins, by the wall clock. */
export const EPOCH: Micros = 1_796_036_400_000_000;
const LEVELS = ['info', 'warn', 'error'];

export function printed(run: RunRecord): { readonly file: string; readonly text: string }[] {
  return run.nodes.map((name) => {
    const lines: { readonly at: Micros; readonly text: string }[] = [];
    for (const { at, node, event } of run.trace)
      if (node === name && event.kind === 'node.start') lines.push({ at, text: start(at, name) });
    for (const { what, at, nodes } of run.faults)
      if (what === 'shutdown' && nodes.includes(name)) lines.push({ at, text: '==> OpenBao shutdown triggered' });
    for (const { at, node, level, name: logger, message, fields } of run.logs)
      if (node === name && LEVELS.includes(level))
        lines.push({ at, text: `${stamp(at)} ${logText(level, logger, message, fields)}` });
    return {
      file: `${name}.log`,
      text: inOrder(lines)
        .map(({ text }) => text)
        .join('\n'),
    };
  });
}

const stamp = (at: Micros): string => formatRfc3339(EPOCH + Math.floor(at / 1_000) * 1_000);

const start = (at: Micros, name: string): string =>
  [
    `${stamp(at)} [INFO]  proxy environment: http_proxy="" https_proxy="" no_proxy=""`,
    '==> OpenBao server configuration:',
    `         Cluster Address: https://${name}:8201`,
    '               Auto Seal: static (builtin: true)',
    '                 Storage: raft (HA available)',
    '                 Version: OpenBao v2.7.2, committed 2026-10-26T20:32:27Z',
    '==> OpenBao server started! Log data will stream in below:',
  ].join('\n');

/** Starts and shutdowns first, of what is at the same moment. */
const inOrder = <T extends { readonly at: Micros }>(lines: readonly T[]): T[] => [...lines].sort((a, b) => a.at - b.at);

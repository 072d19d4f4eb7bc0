/** When two violations are the same: one checker says the same of both, whichever node, key, index or time it names. */
import type { ViolationRecord } from '../../core/trace.ts';

/** Names, numbers, digests and what is quoted; lists of them count as one. */
const PARTICULAR = /"[^"]*"|[^\s,:;()]*[\d/][^\s,:;()]*|\b[0-9a-f]{8,}\b/g;

const kindOf = ({ message }: ViolationRecord): string =>
  message
    .split('\n')[0]!
    .replace(PARTICULAR, '#')
    .replace(/#(?:,? #)+/g, '#');

export function isSameViolation(a: ViolationRecord, b: ViolationRecord): boolean {
  return a.checker === b.checker && kindOf(a) === kindOf(b);
}

/** Two logs of the same session, held against each other. */
import { ANY_MOMENT, apart, REPEATED } from './apart.ts';
import type { LogLine } from './records.ts';

export interface LogDifference {
  /** Printed by the real server alone, in its order, once for each time. */
  readonly missing: readonly LogLine[];
  /** Printed by ours alone. */
  readonly extra: readonly LogLine[];
  /** Printed by both, in another order: what ours printed too late. */
  readonly misplaced: readonly LogLine[];
}

export function logDifference(real: readonly LogLine[], ours: readonly LogLine[], step: string): LogDifference {
  const [left, right] = [compared(real, step), compared(ours, step)];
  const [missing, common] = without(left, right);
  const [extra, shared] = without(right, left);
  const loggers = [...new Set(common.map(loggerOf))];
  const of = (lines: readonly LogLine[], logger: string): LogLine[] =>
    lines.filter((line) => loggerOf(line) === logger && !ANY_MOMENT.some((pattern) => pattern.test(line)));
  const moved = loggers.flatMap((logger) => misplaced(of(common, logger), of(shared, logger)));
  return { missing, extra, misplaced: moved };
}

export const differs = ({ missing, extra, misplaced }: LogDifference): boolean =>
  missing.length + extra.length + misplaced.length > 0;

/** Those that are held against the other side's. */
export function compared(lines: readonly LogLine[], step: string): LogLine[] {
  const seen = new Set<LogLine>();
  // There the real server sets its reads up over and over again.
  const once = step.endsWith('PostgreSQL');
  return lines.filter((line) => {
    if (apart(line, step) || (seen.has(line) && (once || REPEATED.some((pattern) => pattern.test(line))))) return false;
    seen.add(line);
    return true;
  });
}

/** Each logger tells of what is done in order; what goes on beside one another has loggers of its own. */
const loggerOf = (line: LogLine): string => /^\[[A-Z]+\] +([a-z][\w.-]*): /.exec(line)?.[1] ?? '';

/** Without values: which of several alike comes first is chance. */
const headOf = (line: LogLine): string => line.replace(/: \S+=.*$/s, '');

/** What `lines` has more often than `others`, and the rest; of equal lines the later ones are too many. */
function without(lines: readonly LogLine[], others: readonly LogLine[]): [more: LogLine[], rest: LogLine[]] {
  const left = new Map<LogLine, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  const more: LogLine[] = [];
  const rest: LogLine[] = [];
  for (const line of lines) {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    (count > 0 ? rest : more).push(line);
  }
  return [more, rest];
}

/** The fewest lines that have to be moved to make the orders equal: those outside of a longest common subsequence. */
function misplaced(real: readonly LogLine[], ours: readonly LogLine[]): LogLine[] {
  const lengths = Array.from({ length: real.length + 1 }, () => new Uint32Array(ours.length + 1));
  for (let i = real.length - 1; i >= 0; i -= 1)
    for (let j = ours.length - 1; j >= 0; j -= 1)
      lengths[i]![j] =
        headOf(real[i]!) === headOf(ours[j]!)
          ? lengths[i + 1]![j + 1]! + 1
          : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  const moved: LogLine[] = [];
  for (let i = 0, j = 0; i < real.length || j < ours.length;) {
    if (i < real.length && j < ours.length && headOf(real[i]!) === headOf(ours[j]!)) {
      i += 1;
      j += 1;
    } else if (j >= ours.length || (i < real.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) i += 1;
    else moved.push(ours[j++]!);
  }
  return moved;
}

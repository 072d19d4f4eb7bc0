/** The few questions a story asks at its end. What it finds wrong is a StoryFailure, so that no test runner is needed. */
import { checkKey } from './checkers/kv.ts';
import { StoryFailure } from './failure.ts';
import { History, type Operation } from './history.ts';

export interface Expectation {
  toBe(expected: unknown): void;
  toBeAtLeast(least: number): void;
  toBeAtMost(most: number): void;
  toContain(part: unknown): void;
  /** Of a history: every key behaves as one register with versions, seen from the active node. */
  toBeLinearizable(): void;
}

export function expect(actual: unknown): Expectation {
  const demand = (holds: boolean, text: string): void => {
    if (!holds) throw new StoryFailure(`expected ${show(actual)} ${text}`);
  };
  return {
    toBe: (expected) => demand(Object.is(actual, expected), `to be ${show(expected)}`),
    toBeAtLeast: (least) => demand(typeof actual === 'number' && actual >= least, `to be at least ${least}`),
    toBeAtMost: (most) => demand(typeof actual === 'number' && actual <= most, `to be at most ${most}`),
    toContain: (part) => demand(contains(actual, part), `to contain ${show(part)}`),
    toBeLinearizable: () => {
      demand(actual instanceof History, 'to be a history');
      const wrong = anomalies((actual as History).operations);
      if (wrong.length > 0) {
        throw new StoryFailure(
          `the history is not linearizable: ${wrong.slice(0, 3).join('; ')} (${wrong.length} in all)`,
        );
      }
    },
  };
}

/** What is wrong with a history, key by key. */
export function anomalies(operations: readonly Operation[]): string[] {
  const keys = new Map<string, Operation[]>();
  for (const operation of operations) {
    const same = keys.get(operation.key);
    if (same === undefined) keys.set(operation.key, [operation]);
    else same.push(operation);
  }
  return [...keys].flatMap(([key, same]) => checkKey(key, same).map(({ message }) => message));
}

function contains(whole: unknown, part: unknown): boolean {
  if (typeof whole === 'string') return typeof part === 'string' && whole.includes(part);
  if (whole instanceof Set || whole instanceof Map) return whole.has(part);
  return Array.isArray(whole) && whole.includes(part);
}

function show(value: unknown): string {
  if (value instanceof History) return `a history of ${value.operations.length} operations`;
  return typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
}

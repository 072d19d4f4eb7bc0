/** What a batch answers: a result an item, and one status for all of them. */
import type { JsonValue } from '../../codec/json.ts';
import { failure, Fault, refuse } from '../../fault.ts';
import { reply, type Reply } from '../../framework/reply.ts';

/** An item that failed. */
export interface Failed {
  readonly error: string;
  /** Whose fault it is; 'nobody' leaves the batch's status alone. */
  readonly blame: 'client' | 'server' | 'nobody';
  /** Where the text is somebody else's and decides nothing. */
  readonly status?: number | undefined;
}

/** Runs one item; what it is refused with becomes its result. */
export function attempt<T>(run: () => T): T | Failed {
  try {
    return run();
  } catch (error) {
    return failureOf(error);
  }
}

/** Likewise, one item after the other: some have to ask another server. */
export async function attemptEach<Item, T>(
  items: readonly Item[],
  run: (item: Item, i: number) => T | Promise<T>,
): Promise<(T | Failed)[]> {
  const outcomes: (T | Failed)[] = [];
  for (const [i, item] of items.entries()) {
    try {
      const outcome = run(item, i);
      outcomes.push(outcome instanceof Promise ? await outcome : outcome);
    } catch (error) {
      outcomes.push(failureOf(error));
    }
  }
  return outcomes;
}

function failureOf(error: unknown): Failed {
  if (!(error instanceof Fault)) throw error;
  const { message, shape, status } = error;
  return { error: message, blame: shape === 'response' ? 'client' : 'server', status };
}

export const failed = (outcome: unknown): outcome is Failed =>
  typeof outcome === 'object' && outcome !== null && 'blame' in outcome;

/** For who asked about one input. */
export function raise({ error, blame, status }: Failed): never {
  throw blame === 'server' ? failure(error, status) : refuse(error, status);
}

/**
 * The status is 400 when any item is the client's fault, else 500 when one is the server's; `asked` replaces it when
 * at least one item succeeded.
 */
export function batchReply(
  results: readonly JsonValue[],
  outcomes: readonly unknown[],
  asked: number | undefined,
  warnings: readonly string[] = [],
): Reply {
  const data = { batch_results: results };
  const failures = outcomes.filter(failed);
  const blamed = failures.filter(({ blame }) => blame !== 'nobody');
  const told = warnings.length === 0 ? {} : { warnings: [...warnings] };
  if (blamed.length === 0) return reply({ data, ...told });
  const status = blamed.some(({ blame }) => blame === 'client') ? 400 : 500;
  if (asked === undefined || failures.length === outcomes.length) return reply({ data, status, ...told });
  // Upstream also takes 1 to 99, and dies of them.
  if (asked >= 100 && asked <= 599) return reply({ data, status: asked, ...told });
  const warning = `invalid HTTP response code override from partial_failure_response_code, reverting to ${status}`;
  return reply({ data, status, warnings: [...warnings, warning] });
}

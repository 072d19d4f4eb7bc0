/** Work that is done again and again. */
import type { Clock, Micros } from './runtime.ts';
import type { Scope } from './scope.ts';

/**
 * Runs `tick` each `interval` from now on until the scope ends, never twice at a time: what falls into a run that
 * takes longer is dropped, as with Go's Ticker. `failed` gets what a run rejects with.
 */
export function every(
  clock: Clock,
  interval: Micros,
  scope: Scope,
  tick: () => Promise<void>,
  failed: (error: unknown) => void,
): void {
  let due = clock.monotonic() + interval;
  const wait = (): void => {
    if (scope.cancelled) return;
    const now = clock.monotonic();
    while (due <= now) due += interval;
    const timer = clock.after(due - now, () => {
      unwatch();
      due += interval;
      void run();
    });
    const unwatch = scope.onCancel(() => timer.cancel());
  };
  const run = async (): Promise<void> => {
    try {
      await tick();
    } catch (error) {
      failed(error);
    }
    wait();
  };
  wait();
}

/** Resolves after `delay`, or at once when the scope ends first; false then. */
export function pause(clock: Clock, delay: Micros, scope: Scope): Promise<boolean> {
  if (scope.cancelled) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = clock.after(delay, () => {
      unwatch();
      resolve(true);
    });
    const unwatch = scope.onCancel(() => {
      timer.cancel();
      resolve(false);
    });
  });
}

/**
 * Pumps drive a simulated world: step, drain the microtasks, step again. The world itself never loops, because nothing
 * in the language drains microtasks from inside. Both pumps give the same run, bit for bit (pump.test.ts).
 */

/** What a pump needs of a world. */
export interface Steppable {
  /** Runs one event, leaving its microtasks pending; false when nothing is left to run. */
  step(): boolean;
}

/** Steps until `done` answers true before a step, or nothing is left. Rejects with an unhandled rejection of the run. */
export type Pump = (world: Steppable, done: () => boolean) => Promise<void>;

/** Steps between two turns of the event loop, so that signals and messages of a worker get through. */
const BATCH = 4096;

interface NodeInternals {
  _tickCallback?: () => void;
}

/**
 * Node only: drains with `process._tickCallback()`, which costs a quarter of a macrotask. It does nothing when called
 * from inside a microtask, so the loop runs in a macrotask of its own, and a probe proves at the start that it drains.
 */
export const nodePump: Pump = (world, done) =>
  new Promise((resolve, reject) => {
    const drain = (process as NodeInternals)._tickCallback?.bind(process);
    let failed: { readonly error: unknown } | undefined;
    const rejected = (error: unknown): void => {
      failed ??= { error };
    };
    const finish = (): void => {
      process.off('unhandledRejection', rejected);
      if (failed === undefined) resolve();
      else reject(failed.error);
    };
    const batch = (): void => {
      try {
        for (let i = 0; i < BATCH; i++) {
          if (failed !== undefined || done() || !world.step()) return finish();
          drain!();
        }
        setImmediate(batch);
      } catch (error) {
        failed ??= { error };
        finish();
      }
    };
    setImmediate(() => {
      process.on('unhandledRejection', rejected);
      if (drain === undefined || !drains(drain)) {
        failed = { error: new Error('this Node cannot drain microtasks from a macrotask; use the portable pump') };
        return finish();
      }
      batch();
    });
  });

/** Whether a microtask that is pending runs inside the call. */
function drains(drain: () => void): boolean {
  let ran = false;
  queueMicrotask(() => {
    ran = true;
  });
  drain();
  return ran;
}

/** Takes one macrotask an event: works in browsers and wherever other people's code holds the loop. */
export const portablePump =
  (macrotask: (run: () => void) => void): Pump =>
  (world, done) =>
    new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          if (done() || !world.step()) return resolve();
          macrotask(turn);
        } catch (error) {
          reject(error);
        }
      };
      macrotask(turn);
    });

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

interface Failure {
  readonly error: unknown;
}

type Macrotask = (run: () => void) => void;

/**
 * The end of a run, and until then the rejections that nobody handles: they are the run's, not those of the program
 * around it.
 */
class Ending {
  readonly #macrotask: Macrotask;
  readonly #settle: (failure: Failure | undefined) => void;
  readonly #rejected = (error: unknown): void => {
    this.failure ??= { error };
  };
  failure: Failure | undefined;

  constructor(macrotask: Macrotask, resolve: () => void, reject: (error: unknown) => void) {
    this.#macrotask = macrotask;
    this.#settle = (failure) => (failure === undefined ? resolve() : reject(failure.error));
    process.on('unhandledRejection', this.#rejected);
  }

  /** What the last step set going still counts. */
  come(thrown?: Failure): void {
    this.#macrotask(() => {
      process.off('unhandledRejection', this.#rejected);
      this.#settle(thrown ?? this.failure);
    });
  }
}

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
    const ending = new Ending(setImmediate, resolve, reject);
    const batch = (): void => {
      try {
        for (let i = 0; i < BATCH; i++) {
          if (ending.failure !== undefined || done() || !world.step()) return ending.come();
          drain!();
        }
        setImmediate(batch);
      } catch (error) {
        ending.come({ error });
      }
    };
    setImmediate(() => {
      if (drain !== undefined && drains(drain)) return batch();
      ending.come({ error: new Error('this Node cannot drain microtasks from a macrotask; use the portable pump') });
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

/** Takes one macrotask an event: works wherever other people's code holds the loop. */
export const portablePump =
  (macrotask: Macrotask): Pump =>
  (world, done) =>
    new Promise((resolve, reject) => {
      const ending = new Ending(macrotask, resolve, reject);
      const turn = (): void => {
        try {
          if (ending.failure !== undefined || done() || !world.step()) return ending.come();
          macrotask(turn);
        } catch (error) {
          ending.come({ error });
        }
      };
      macrotask(turn);
    });

/** Plays many runs, in this thread or spread over workers; results come back in the order of the tasks. */
import { Worker } from 'node:worker_threads';
import type { RunResult } from '../../sim/run.ts';
import type { Choices } from './choices.ts';
import type { Task } from './play.ts';

/** What crosses the thread: a result without its bulky parts unless the run failed. */
export type Played = Omit<RunResult, 'hashLog'>;

/** Lighter results: a passed run's trace is of no use to anyone. */
export function lighten(result: RunResult, keep: boolean): Played {
  const { hashLog, ...light } = result;
  void hashLog;
  return keep ? light : { ...light, trace: [], logs: [], operations: [], loads: [] };
}

/** What to do beside playing. */
export interface Keeping {
  /** The bulky parts of every result, and what was logged. */
  readonly all: boolean;
  readonly coverage: boolean;
}

/** Calls `done` for each task as soon as its turn has come. `done` may ask to stop by answering false. */
export async function playAll(
  tasks: readonly Task[],
  choices: Choices,
  jobs: number,
  keeping: Keeping,
  done: (task: Task, result: Played) => boolean,
): Promise<void> {
  if (jobs <= 1 || tasks.length <= 1) {
    const { play } = await import('./play.ts');
    for (const task of tasks) {
      const result = await play(task, choices, { logs: keeping.all, coverage: keeping.coverage });
      if (!done(task, lighten(result, keeping.all))) return;
    }
    return;
  }
  await playInWorkers(tasks, choices, Math.min(jobs, tasks.length), keeping, done);
}

function playInWorkers(
  tasks: readonly Task[],
  choices: Choices,
  jobs: number,
  keeping: Keeping,
  done: (task: Task, result: Played) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const results = new Map<number, Played>();
    let [next, reported] = [0, 0];
    const workers = Array.from(
      { length: jobs },
      () => new Worker(new URL('./worker.ts', import.meta.url), { workerData: { choices, keeping } }),
    );
    const finish = (settle: () => void): void => {
      for (const worker of workers) void worker.terminate();
      settle();
    };
    const feed = (worker: Worker): void => {
      if (next < tasks.length) worker.postMessage({ index: next, task: tasks[next++] });
    };
    for (const worker of workers) {
      worker.on('error', (error) => finish(() => reject(error)));
      worker.on('message', ({ index, result }: { index: number; result: Played }) => {
        results.set(index, result);
        feed(worker);
        for (let ready = results.get(reported); ready !== undefined; ready = results.get(reported)) {
          results.delete(reported);
          if (!done(tasks[reported++]!, ready)) return finish(resolve);
        }
        if (reported === tasks.length) finish(resolve);
      });
      feed(worker);
    }
  });
}

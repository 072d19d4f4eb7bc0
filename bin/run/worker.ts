/** A worker thread that plays runs one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Choices, plantChosen } from './choices.ts';
import type { Task } from './play.ts';
import type { Keeping } from './pool.ts';

const { choices, keeping } = workerData as { choices: Choices; keeping: Keeping };
await plantChosen(choices.bug);
const { play } = await import('./play.ts');
const { lighten } = await import('./pool.ts');

parentPort!.on('message', ({ index, task }: { index: number; task: Task }) => {
  void play(task, choices, { logs: keeping.all, coverage: keeping.coverage }).then((result) =>
    parentPort!.postMessage({ index, result: lighten(result, keeping.all || result.verdict === 'failed') }),
  );
});

/** The thread behind `bcryptInWorker`. */
import { parentPort } from 'node:worker_threads';
import { makeBcrypt } from '../core/crypto/bcrypt.ts';
import type { BcryptAnswer, BcryptTask } from './bcrypt-pool.ts';

const bcrypt = makeBcrypt();

function answer(task: BcryptTask): BcryptAnswer {
  try {
    const value =
      task.what === 'hash' ? bcrypt.hash(task.password, task.cost, task.salt) : bcrypt.verify(task.password, task.hash);
    return { id: task.id, value };
  } catch (error) {
    return { id: task.id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (task: BcryptTask) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
  parentPort?.postMessage(answer(task));
});

/** bcrypt off the main thread: one worker, started at the first password, that never keeps the process alive. */
import type { Worker } from 'node:worker_threads';
import { failure } from '../core/fault.ts';
import type { BcryptPlace } from './crypto.ts';

export type BcryptTask =
  | { id: number; what: 'hash'; password: Uint8Array; cost: number; salt: Uint8Array }
  | { id: number; what: 'verify'; password: Uint8Array; hash: string };
export type BcryptAnswer = { id: number; value: string | boolean } | { id: number; error: string };
type BcryptWork = BcryptTask extends infer T ? (T extends { id: number } ? Omit<T, 'id'> : never) : never;

interface Waiting {
  resolve(value: string | boolean): void;
  reject(error: Error): void;
}

/** What is posted takes its whole buffer along, and others' secrets may be in it. */
const own = (bytes: Uint8Array): Uint8Array => bytes.slice();

export function bcryptInWorker(): BcryptPlace {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  const start = (): Worker => {
    const started = new (process.getBuiltinModule('node:worker_threads').Worker)(
      new URL(`./bcrypt-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
    );
    started.on('message', (answer: BcryptAnswer) => {
      const waiter = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
      if ('error' in answer) waiter?.reject(failure(answer.error));
      else waiter?.resolve(answer.value);
    });
    started.on('error', (error) => {
      worker = undefined;
      for (const waiter of waiting.values()) waiter.reject(error instanceof Error ? error : new Error(String(error)));
      waiting.clear();
    });
    return started;
  };

  const ask = (task: BcryptWork): Promise<string | boolean> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
      worker.postMessage({ ...task, id });
    });

  return {
    bcryptHash: async (password, cost, salt) =>
      String(await ask({ what: 'hash', password: own(password), cost, salt })),
    bcryptVerify: async (password, hash) => (await ask({ what: 'verify', password: own(password), hash })) === true,
  };
}

/** A storage that takes its time, for `-dev-latency`: it has no transactions, as upstream's has none. */
import type { Physical } from '../core/server/config.ts';
import type { Random } from '../core/runtime.ts';
import type { Storage } from '../core/storage/storage.ts';

export interface Latency {
  /** Milliseconds. */
  readonly latency: number;
  /** How many of a hundred parts it may be more or less. */
  readonly jitter: number;
}

type Sleep = (millis: number) => Promise<void>;

const timers: Sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

export function slowed(
  physical: Physical,
  latency: Latency,
  random: Pick<Random, 'below'>,
  sleep: Sleep = timers,
): Physical {
  const { storage } = physical;
  const after = async <T>(run: () => Promise<T>): Promise<T> => {
    const percent = 100 - latency.jitter + random.below(2 * latency.jitter + 1);
    await sleep((latency.latency * percent) / 100);
    return run();
  };
  const slow: Storage = {
    transactional: false,
    begin: () => Promise.reject(new Error('no transactions here')),
    get: (key) => after(() => storage.get(key)),
    list: (prefix, page) => after(() => storage.list(prefix, page)),
    put: (key, value) => after(() => storage.put(key, value)),
    delete: (key) => after(() => storage.delete(key)),
  };
  return { ...physical, storage: slow };
}

/**
 * Readers and writers of the same name take turns, in the order they came: a writer alone, readers together. What
 * upstream uses its 256 striped locks for.
 */
interface Waiting {
  readonly writer: boolean;
  readonly go: () => void;
}

interface Lock {
  readers: number;
  writing: boolean;
  readonly queue: Waiting[];
}

export class KeyLocks {
  readonly #locks = new Map<string, Lock>();

  async read<T>(key: string, body: () => Promise<T>): Promise<T> {
    return this.#hold(key, false, body);
  }

  async write<T>(key: string, body: () => Promise<T>): Promise<T> {
    return this.#hold(key, true, body);
  }

  async #hold<T>(key: string, writer: boolean, body: () => Promise<T>): Promise<T> {
    let lock = this.#locks.get(key);
    if (lock === undefined) {
      lock = { readers: 0, writing: false, queue: [] };
      this.#locks.set(key, lock);
    }
    if (lock.writing || lock.queue.length > 0 || (writer && lock.readers > 0)) {
      const { queue } = lock;
      await new Promise<void>((go) => queue.push({ writer, go }));
    } else if (writer) lock.writing = true;
    else lock.readers++;
    try {
      return await body();
    } finally {
      if (writer) lock.writing = false;
      else lock.readers--;
      this.#next(key, lock);
    }
  }

  // Whoever is let in counts at once, so that nobody slips in before it runs.
  #next(key: string, lock: Lock): void {
    while (!lock.writing) {
      const first = lock.queue[0];
      if (first === undefined) {
        if (lock.readers === 0) this.#locks.delete(key);
        return;
      }
      if (first.writer && lock.readers > 0) return;
      lock.queue.shift();
      if (first.writer) lock.writing = true;
      else lock.readers++;
      first.go();
    }
  }
}

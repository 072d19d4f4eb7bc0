/** One holder at a time, in the order of asking: what upstream guards with a lock held across storage writes. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();

  /** Runs `body` when all earlier ones have settled. Not reentrant. */
  async run<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(body);
    this.#tail = turn.then(ignore, ignore);
    return turn;
  }
}

const ignore = (): void => {};

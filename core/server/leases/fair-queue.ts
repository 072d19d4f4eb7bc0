/** Runs jobs with a limit on how many at once, taking turns between groups, so that no mount starves the others. */
export class FairQueue {
  readonly #workers: number;
  /** Waiting jobs by group; the group at the front is served next. */
  readonly #groups = new Map<string, (() => Promise<void>)[]>();
  /** Every group that ever had a job. */
  readonly #known = new Set<string>();
  #running = 0;
  #stopped = false;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** `job` must not reject. */
  add(group: string, job: () => Promise<void>): void {
    this.#known.add(group);
    const waiting = this.#groups.get(group);
    if (waiting === undefined) this.#groups.set(group, [job]);
    else waiting.push(job);
    this.#next();
  }

  get lengths(): ReadonlyMap<string, number> {
    return new Map([...this.#known].map((group) => [group, this.#groups.get(group)?.length ?? 0]));
  }

  stop(): void {
    this.#stopped = true;
    this.#groups.clear();
  }

  #next(): void {
    while (this.#running < this.#workers && !this.#stopped) {
      const first = this.#groups.entries().next();
      if (first.done === true) return;
      const [group, jobs] = first.value;
      const job = jobs.shift()!;
      this.#groups.delete(group);
      if (jobs.length > 0) this.#groups.set(group, jobs);
      this.#running++;
      void job().then(() => {
        this.#running--;
        this.#next();
      });
    }
  }
}

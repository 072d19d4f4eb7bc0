/** A database that says what it is told to, and a clock that goes when it is told to. */
import type { Clock, Micros } from '../../runtime.ts';
import type { SqlAnswer, SqlConnections, SqlSession } from './sql.ts';

export class FakeSql implements SqlConnections {
  readonly texts: string[] = [];
  /** What begins so is refused with that. */
  readonly refusals = new Map<string, string>();
  rows: SqlAnswer['rows'] = [];
  changed = 1;
  /** A statement failed, which nobody may have minded. */
  spoilt = false;
  /** Never answers. */
  silent = false;
  /** Connections that were not given back. */
  open = 0;

  query(text: string): Promise<SqlAnswer> {
    this.texts.push(text);
    for (const [beginning, message] of this.refusals) {
      if (text.startsWith(beginning)) return Promise.reject(new Error(message));
    }
    if (this.silent) return new Promise(() => undefined);
    return Promise.resolve({ rows: this.rows, changed: this.changed, command: this.spoilt ? 'ROLLBACK' : text });
  }

  session(): Promise<SqlSession> {
    this.open++;
    return Promise.resolve({ query: (text) => this.query(text), release: () => void this.open-- });
  }

  count(beginning: string): number {
    return this.texts.filter((text) => text.startsWith(beginning)).length;
  }

  /** Beginnings and ends of transactions. */
  get control(): string[] {
    return this.texts.filter((text) => /^(BEGIN|COMMIT|ROLLBACK)/.test(text));
  }
}

export class FakeClock implements Clock {
  #now: Micros = 0;
  readonly #due = new Set<{ at: Micros; run: () => void }>();

  wall = (): Micros => this.#now;
  monotonic = (): Micros => this.#now;

  after(delay: Micros, run: () => void) {
    const timer = { at: this.#now + delay, run };
    this.#due.add(timer);
    return { cancel: () => void this.#due.delete(timer) };
  }

  sleep(delay: Micros): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  /** What is due meanwhile is done, and what follows from it at once. */
  async pass(span: Micros): Promise<void> {
    const end = this.#now + span;
    for (;;) {
      await settled();
      const [next] = [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#due.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

/** Where the two sides of a session come together at the end of each step. */
import { compared, differs, logDifference } from './compare.ts';
import type { LogLine } from './records.ts';

/** How long nobody logs anything that is compared before a step can be over. */
const QUIET_MILLIS = 300;
/** How long one side may take for what the other has logged already; machines are slow. */
const LONGEST_MILLIS = 15_000;

type Logged = () => readonly LogLine[];

interface Waiting {
  readonly name: string;
  readonly logged: Logged;
  readonly go: () => void;
  readonly fail: (reason: unknown) => void;
}

export class Meeting {
  #waiting: Waiting | undefined;
  #abandoned: { readonly why: unknown } | undefined;

  /** Until both sides have come, say nothing more, and agree; or until it is clear that they will not. */
  async over(name: string, logged: Logged): Promise<void> {
    if (this.#abandoned !== undefined) throw this.#abandoned.why;
    const other = this.#waiting;
    if (other === undefined)
      return new Promise((go, fail) => {
        this.#waiting = { name, logged, go, fail };
      });
    this.#waiting = undefined;
    if (other.name !== name) throw new Error(`one side is at "${other.name}", the other at "${name}"`);
    await agreed(name, other.logged, logged);
    other.go();
  }

  /** One side cannot go on, so that the other need not wait. */
  abandon(why: unknown): void {
    this.#abandoned ??= { why };
    this.#waiting?.fail(why);
  }
}

/** What one has logged and the other has not may be on its way: only what does not come is a difference. */
async function agreed(step: string, one: Logged, other: Logged): Promise<void> {
  const end = Date.now() + LONGEST_MILLIS;
  let seen = -1;
  let since = 0;
  let looked = false;
  while (Date.now() < end) {
    const count = compared(one(), step).length + compared(other(), step).length;
    if (count !== seen) [seen, since, looked] = [count, Date.now(), false];
    else if (!looked && Date.now() - since > QUIET_MILLIS) {
      looked = true;
      if (!differs(logDifference(one(), other(), step))) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

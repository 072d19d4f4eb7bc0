/**
 * Gains and losses of leadership, kept until someone takes them. As with upstream's channel, old news is not dropped:
 * a gain and a loss that both happened while nobody listened make the next taker try, and fail, to act as leader.
 */
import type { Scope } from '../../scope.ts';

export class LeadershipNews {
  readonly #queue: boolean[] = [];
  readonly #takers: ((leader: boolean | undefined) => void)[] = [];

  push(leader: boolean): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#queue.push(leader);
    else taker(leader);
  }

  /** The oldest news, once there is any; undefined when `stop` is cancelled first. */
  next(stop: Scope): Promise<boolean | undefined> {
    if (stop.cancelled) return Promise.resolve(undefined);
    const news = this.#queue.shift();
    if (news !== undefined) return Promise.resolve(news);
    return new Promise((resolve) => {
      const taker = (leader: boolean | undefined): void => {
        forget();
        resolve(leader);
      };
      const forget = stop.onCancel(() => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        resolve(undefined);
      });
      this.#takers.push(taker);
    });
  }
}

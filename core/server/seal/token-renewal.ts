/** Keeps a token alive for as long as the process lives, as the Go client's LifetimeWatcher does: without a word. */
import { type Clock, SECOND } from '../../runtime.ts';

/** How often a token is tried again whose renewal failed, until its lease is over. */
const RETRY = 10 * SECOND;

/** `lease` is what is left, in seconds; `renew` resolves with the new one, 0 when it cannot be renewed any more. */
export function keepRenewed(clock: Clock, lease: number, renew: () => Promise<number>): void {
  let expires = clock.monotonic() + lease * SECOND;
  const again = async (): Promise<void> => {
    let left: number;
    try {
      left = await renew();
    } catch {
      if (clock.monotonic() + RETRY < expires) clock.after(RETRY, () => void again());
      return;
    }
    if (left <= 0) return;
    expires = clock.monotonic() + left * SECOND;
    schedule(left);
  };
  // Two thirds of the way there is time enough for a few more tries.
  const schedule = (left: number): void => void clock.after(Math.floor((left * SECOND * 2) / 3), () => void again());
  schedule(lease);
}

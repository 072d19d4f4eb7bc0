/** Our server with some answers changed on the way: what a wrong server would say, or one that dies. */
import type { Answer } from './client.ts';
import { relay } from './fixtures/relay.ts';
import { oursInProcess } from './targets/ours.ts';
import type { Running, Target } from './targets/target.ts';

/** Undefined: the server is gone from now on. */
export type Change = (
  request: { readonly method: string; readonly path: string },
  answer: Answer,
  count: number,
) => Answer | undefined;

/** Of all answers whose path begins so: the body edited. */
export const edit =
  (path: string, from: string | RegExp, to: string): Change =>
  (request, answer) =>
    request.path.startsWith(path) ? { ...answer, body: answer.body.replace(from, to) } : answer;

export const changed = (name: string, change: Change): Target => ({
  name,
  kinds: ['dev'],
  start: () => through(change),
  close: () => Promise.resolve(),
});

async function through(change: Change): Promise<Running> {
  const inner = await oursInProcess().start('dev');
  let count = 0;
  const { address, end } = await relay(inner.addresses[0]!, (request, answer) => change(request, answer, ++count));
  return {
    ...inner,
    addresses: [address],
    stop: async () => {
      await end();
      await inner.stop();
    },
  };
}

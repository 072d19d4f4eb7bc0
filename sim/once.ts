/** What is good once, and is used by everybody at once: on every node, and while the leader dies. */
import type { Answered } from './client.ts';
import type { Cluster } from './cluster.ts';
import { expect } from './expect.ts';
import type { Simulation } from './simulation.ts';

const ROUNDS = 8;

/** Throws StoryFailure unless each thing that was made lets exactly one in, and after a lost answer at most one. */
export async function expectGoodOnce(
  sim: Simulation,
  bao: Cluster,
  make: () => Promise<string>,
  use: (thing: string, node: string) => Promise<Answered>,
): Promise<void> {
  const race = async (thing: string): Promise<number> => {
    const answers = await Promise.all([...bao.names, ...bao.names].map((node) => use(thing, node)));
    return answers.filter(({ status }) => status === 200).length;
  };
  for (let round = 0; round < ROUNDS; round++) expect(await race(await make())).toBe(1);

  const waiting = await make();
  const contested = await make();
  const { leader } = bao;
  const racing = race(contested);
  sim.at('1ms', 'kill the leader', () => bao.kill(leader));
  const used = await racing;
  expect(used).toBeAtMost(1);
  await sim.run('30s');
  bao.restart(leader);
  await bao.ready();
  // An answer that was lost with the leader may have been the one; two are never given.
  expect(used + (await race(contested))).toBeAtMost(1);
  expect(await race(waiting)).toBe(1);
}

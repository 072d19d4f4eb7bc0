import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** More than one piece of half a MiB, less than the MiB that an entry may have. */
const BYTES = 550_000;
const DEATHS = 3;

/**
 * Secrets so large that their log entry goes in pieces, while leaders die in the middle of one: each is there whole or
 * not at all, and no piece is left behind by what comes after.
 */
scenario(
  'a large secret that its leader could not finish is there whole or not at all',
  { minimum: { faults: DEATHS, elections: DEATHS } },
  async (sim) => {
    const dice = sim.world.random('story');
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const write = async (letter: string): Promise<boolean> => {
      const body = { data: { value: letter.repeat(BYTES) } };
      return (await bao.ask('POST', 'secret/data/large', { body })).status === 200;
    };
    const read = async (): Promise<string> => {
      const value = at((await bao.ask('GET', 'secret/data/large')).json, 'data', 'data', 'value');
      return typeof value === 'string' && value === value.charAt(0).repeat(BYTES) ? value.charAt(0) : 'neither';
    };
    expect(await write('a')).toBe(true);
    let there = 'a';
    for (const letter of ['b', 'c', 'd'].slice(0, DEATHS)) {
      const leader = bao.leader;
      const acknowledged = write(letter);
      await sim.run(`${dice.below(12_000)}us`);
      bao.kill(leader);
      await sim.run('5s');
      bao.restart(leader);
      await bao.ready();
      const found = await read();
      expect((await acknowledged) ? found === letter : [there, letter].includes(found)).toBe(true);
      there = found;
    }
    expect(await write('z')).toBe(true);
    expect(await read()).toBe('z');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  },
);

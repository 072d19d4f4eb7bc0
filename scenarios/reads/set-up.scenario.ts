import { at } from '../../sim/client.ts';
import { scenario } from '../../sim/story.ts';

const ROUNDS = 16;

/**
 * A device of audit more or less makes standbys set up their reads anew, and a mount comes in the middle of it: they
 * know it, also when it came after they had read which mounts there are.
 */
scenario('a standby that sets up its reads misses nothing of what changes meanwhile', {}, async (sim) => {
  const dice = sim.world.random('story');
  const bao = await sim.cluster({
    nodes: 3,
    multiplier: 1,
    settings: { unsafe_allow_api_audit_creation: true },
  });
  const mounts = async (node: string): Promise<string> =>
    JSON.stringify(at((await bao.ask('GET', 'sys/mounts', { node })).json, 'data'));
  for (let round = 1; round <= ROUNDS; round += 1) {
    const device = 'sys/audit/another';
    const changed =
      round % 2 === 1
        ? bao.request('PUT', device, { type: 'file', options: { file_path: 'another.log' } })
        : bao.request('DELETE', device);
    await sim.sleep(dice.below(40_000));
    await bao.request('POST', `sys/mounts/m${round}`, { type: 'kv' });
    await changed;
    const all = await mounts(bao.leader);
    for (const standby of bao.followers)
      await sim.eventually('5s', `${standby} knows all mounts`, async () => (await mounts(standby)) === all);
  }
});

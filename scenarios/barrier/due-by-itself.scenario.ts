import { decodePem } from '../../core/codec/pem.ts';
import { parseRevocationList } from '../../core/crypto/x509/revocation-list.ts';
import { HOUR, SECOND } from '../../core/runtime.ts';
import { at } from '../../sim/client.ts';
import { EPOCH } from '../../sim/clock.ts';
import { expect, scenario } from '../../sim/story.ts';

/** Keys become old and lists run out while nobody asks for anything; the server has been told when. */
scenario('what is due by its age is made anew by nobody’s order', { limit: '40h' }, async (sim) => {
  const bao = await sim.cluster({ nodes: 1, storage: 'inmem' });
  await bao.request('POST', 'sys/rotate/config', { interval: '24h' });
  await bao.mount('transit', 'transit');
  await bao.request('POST', 'transit/keys/k', { auto_rotate_period: '5h' });
  await bao.mount('pki', 'pki');
  await bao.request('POST', 'pki/root/generate/internal', { common_name: 'Root', key_type: 'ec', ttl: '720h' });
  await bao.request('POST', 'pki/config/crl', { expiry: '10h', auto_rebuild: true, auto_rebuild_grace_period: '1h' });
  await bao.request('GET', 'pki/crl/rotate');
  const term = async (): Promise<unknown> => at(await bao.request('GET', 'sys/key-status'), 'data', 'term');
  const latest = async (): Promise<unknown> => at(await bao.request('GET', 'transit/keys/k'), 'data', 'latest_version');
  const listEnds = async (): Promise<number> => {
    const { json } = await bao.ask('GET', 'pki/cert/crl');
    const list = parseRevocationList(decodePem(at(json, 'data', 'certificate') as string)!.block.bytes);
    return (list.nextUpdate ?? 0) * SECOND - EPOCH;
  };
  const begun = sim.world.now;
  for (let hours = 4; hours <= 26; hours += 2) {
    await sim.sleep(begun + hours * HOUR - sim.world.now);
    expect(await listEnds()).toBeAtLeast(sim.world.now);
    // Keys are looked through once an hour.
    expect(await latest()).toBeAtLeast(1 + Math.floor((hours - 1) / 6));
    expect(await latest()).toBeAtMost(1 + Math.floor(hours / 5));
    expect(await term()).toBe(hours >= 24 ? 2 : 1);
  }
});

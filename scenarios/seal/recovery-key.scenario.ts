import type { Cluster } from '../../sim/cluster.ts';
import { expect, kv, scenario } from '../../sim/story.ts';

/** Gives `shares` to what has begun at `path`; the answers. */
async function authorise(bao: Cluster, path: string, begin: object, shares: readonly string[]) {
  const [init, update] = path === 'sys/generate-root-token' ? ['attempt', 'update'] : ['init', 'update'];
  const begun = await bao.ask('POST', `${path}/${init}`, { body: { ...begin } });
  const { nonce } = begun.json['data'] as { nonce: string };
  let last = begun;
  for (const key of shares) last = await bao.ask('POST', `${path}/${update}`, { body: { key, nonce } });
  return last;
}

/** Shares that were replaced open and authorise nothing any more, whatever the seal becomes; the new ones do. */
scenario(
  'rotated recovery keys authorise, become unseal keys, and leave nothing to the old ones',
  { minimum: { acknowledged: 8, faults: 3 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 1, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 1, keys: 4, every: '100ms', timeout: '2s' }));
    await sim.run('1s');
    const former = bao.keys.shares;
    const split = { secret_shares: 3, secret_threshold: 3 };
    const made = await authorise(bao, 'sys/rotate/recovery', split, former);
    bao.rekeyed((made.json['data'] as { keys_base64: string[] }).keys_base64);
    const { shares } = bao.keys;
    expect((await authorise(bao, 'sys/generate-root-token', {}, shares)).status).toBe(200);
    const mixed = [...former, ...shares.slice(1)];
    expect((await authorise(bao, 'sys/rotate/recovery', split, mixed)).status).toBe(400);

    const [node] = bao.names;
    bao.configureSeal('shamir', 'static');
    await restart();
    await give(shares, true);
    bao.configureSeal('shamir');
    await restart();
    await give(shares, false);
    // Whoever becomes active reads the unseal key from storage, and what it wraps next must open with these shares.
    expect((await bao.ask('POST', 'sys/rotate/root')).status).toBe(204);
    await restart();
    await give(shares, false);
    await bao.ready();
    expect(history).toBeLinearizable();

    async function restart(): Promise<void> {
      bao.kill(node!);
      bao.restart(node!);
      const waits = async () => (await bao.operator.health(bao.address(node!))) === 503;
      await sim.eventually('1m', 'the node waits for shares', waits);
    }

    async function give(keys: readonly string[], migrate: boolean): Promise<void> {
      let sealed: unknown = true;
      for (const key of keys)
        sealed = (await bao.ask('PUT', 'sys/unseal', { node: node!, body: { key, migrate } })).json['sealed'];
      expect(sealed).toBe(false);
      await sim.eventually(
        '1m',
        'the node is active',
        async () => (await bao.operator.health(bao.address(node!))) === 200,
      );
    }
  },
);

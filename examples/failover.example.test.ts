/** What an application does while OpenBao elects a new leader: a cluster whose failures the test decides. */
import { expect, test } from 'vitest';
import { startCluster } from 'bao-steamer/cluster';

/** The code under test: goes round the nodes until one answers. */
async function readPassword(addresses: readonly string[], token: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const address = addresses[attempt % addresses.length]!;
    try {
      const response = await fetch(`${address}/v1/secret/data/database`, { headers: { 'X-Vault-Token': token } });
      if (response.ok) return ((await response.json()) as { data: { data: { password: string } } }).data.data.password;
    } catch {
      // Nobody is there: the next one.
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('OpenBao is not available');
}

test('the application rides out the loss of the leader', async () => {
  // A hundred seconds pass for the cluster in one of ours, so an election takes some hundredths of a second.
  await using bao = await startCluster({ nodes: 3, speed: 100, standbyReads: false });
  await bao.request('PUT', 'secret/data/database', { data: { password: 's3cr3t' } });

  await bao.kill(bao.leader!);

  const addresses = bao.nodes.map(({ address }) => address);
  expect(await readPassword(addresses, bao.token)).toBe('s3cr3t');
});

test('what was written before the leader was lost is there after it, to the second', async () => {
  // Time stands still but for what the test says: the same run every time.
  await using bao = await startCluster({ speed: 0, seed: 42 });
  const lost = bao.leader!;
  await bao.request('PUT', 'secret/data/order', { data: { number: 1 } });

  await bao.kill(lost);
  const next = await bao.elected();
  await bao.restart(lost);
  await bao.advance('10s');

  expect(next).not.toBe(lost);
  const read = await bao.request('GET', 'secret/data/order', undefined, { node: lost });
  expect(read.body).toMatchObject({ data: { data: { number: 1 } } });
});

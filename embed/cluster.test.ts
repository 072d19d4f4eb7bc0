import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BaoCluster, startCluster } from './cluster.ts';

const status = async (address: string, path: string): Promise<number> =>
  (await fetch(`${address}/v1/${path}`, { headers: { 'X-Vault-Token': 'root' } })).status;

describe('startCluster', () => {
  let bao: BaoCluster;
  beforeAll(async () => {
    bao = await startCluster({ speed: 0 });
  });
  afterAll(() => bao.stop());
  const address = (name: string): string => bao.nodes.find((node) => node.name === name)!.address;
  const standby = (): string => bao.nodes.find(({ name }) => name !== bao.leader)!.name;

  test('every node answers at a port of its own, one of them as the active one', async () => {
    const health = await Promise.all(bao.nodes.map((node) => status(node.address, 'sys/health')));
    expect(health.toSorted((a, b) => a - b)).toEqual([200, 429, 429]);
    expect(await status(address(bao.leader!), 'sys/health')).toBe(200);
    expect(bao.token).toBe('root');
  });

  test('a write to a standby is there on every node', async () => {
    const body = { data: { x: 1 } };
    expect((await bao.request('PUT', 'secret/data/a', body, { node: standby() })).status).toBe(200);
    await bao.advance('1s');
    for (const node of bao.nodes) expect(await status(node.address, 'secret/data/a')).toBe(200);
  });

  test('nodes say where the leader is by addresses that can be reached', async () => {
    const { body } = await bao.request('GET', 'sys/leader', undefined, { node: standby() });
    expect(body).toMatchObject({ leader_address: address(bao.leader!) });
  });

  test('when the leader is killed its port refuses, another is elected, and nothing is lost', async () => {
    const killed = bao.leader!;
    await bao.request('PUT', 'secret/data/kept', { data: { x: 1 } });
    await bao.kill(killed);
    await expect(fetch(`${address(killed)}/v1/sys/health`, { headers: { connection: 'close' } })).rejects.toThrow();
    expect(bao.leader).toBeUndefined();
    expect((await bao.request('GET', 'secret/data/kept')).status).toBe(0);
    expect(await bao.elected()).not.toBe(killed);
    expect((await bao.request('GET', 'secret/data/kept')).status).toBe(200);
    await bao.restart(killed);
    await bao.advance('10s');
    expect(await status(address(killed), 'sys/health')).toBe(429);
  });

  test('an isolated leader is replaced and comes back as a standby', async () => {
    const isolated = bao.leader!;
    bao.isolate(isolated);
    await bao.advance('20s');
    expect(await bao.elected()).not.toBe(isolated);
    bao.heal();
    await bao.advance('20s');
    expect(await status(address(isolated), 'sys/health')).toBe(429);
  });

  test('a paused node answers once it goes on', async () => {
    const paused = standby();
    bao.pause(paused);
    const answer = bao.request('GET', 'sys/seal-status', undefined, { node: paused });
    bao.resume(paused);
    expect((await answer).status).toBe(200);
  });

  test('time passes when told, for tokens too', async () => {
    const made = await bao.request<{ auth: { client_token: string } }>('POST', 'auth/token/create', { ttl: '2m' });
    const { client_token: token } = made.body!.auth;
    const before = bao.now().getTime();
    await bao.advance('121s');
    expect(bao.now().getTime() - before).toBeGreaterThanOrEqual(121_000);
    expect((await bao.request('GET', 'auth/token/lookup-self', undefined, { token })).status).toBe(403);
  });

  test('a node that there is none of is refused', async () => {
    await expect(bao.kill('n9')).rejects.toThrow('n9 is a node of the cluster');
  });
});

test('time follows the real one, faster where asked, and the cluster heals by itself', async () => {
  await using bao = await startCluster({ speed: 100, seal: 'shamir', kv: 1, token: 'mine' });
  const killed = bao.leader!;
  await bao.kill(killed);
  // The cluster's clock runs by itself here: a new leader shows only in being asked for.
  while (bao.leader === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await bao.request('PUT', 'secret/a', { x: 1 })).status).toBe(204);
  await bao.restart(killed);
  const asked = { node: killed };
  expect((await bao.request('GET', 'sys/health', undefined, asked)).status).toBe(503);
  const unsealed = await bao.request('PUT', 'sys/unseal', { key: bao.unsealKey }, asked);
  expect(unsealed.body).toMatchObject({ sealed: false });
});

test('the same seed and the same calls give the same answers', async () => {
  const told = async (): Promise<unknown> => {
    await using bao = await startCluster({ speed: 0, seed: 7 });
    const made = await bao.request('POST', 'auth/token/create', { ttl: '1h' });
    await bao.kill(bao.leader!);
    return [made.body, await bao.elected(), bao.now()];
  };
  expect(await told()).toEqual(await told());
});

import { expect, test } from 'vitest';
import { nodeCrypto } from '../host/crypto.ts';
import { nodePump } from '../host/pump.ts';
import { bringUp } from './bring-up.ts';
import { at } from './client.ts';
import { openbao } from './openbao.ts';
import { runScenario } from './run.ts';
import { scenario } from './scenario.ts';

const options = { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao, standard: false };

// Statuses and texts as 2.7.2 answered with storage "inmem" and ha_storage "raft".
test('with raft for high availability alone a node leads, hands over and has no snapshot and no index', async () => {
  const seen: Record<string, unknown> = {};
  const story = scenario('ha_storage raft', {}, async (sim) => {
    const plan = { nodes: 1, storage: 'inmem', seal: 'shamir', multiplier: 1 } as const;
    const bao = sim.prepare({ ...plan, settings: { ha_storage: 'raft' } });
    const ask = async (name: string, method: string, path: string, body = {}) => {
      const { status, json } = await bao.ask(method, path, { node: 'n1', ...(method === 'GET' ? {} : { body }) });
      seen[name] = [status, (json['errors'] as string[] | undefined)?.[0] ?? json['joined'] ?? ''];
    };
    bao.start('n1');
    await sim.run('1s');
    await ask('join before init', 'PUT', 'sys/storage/raft/join');
    bao.keys = await bringUp(sim, bao);
    await ask('join by address', 'PUT', 'sys/storage/raft/join', { leader_api_addr: 'http://n2:8200' });
    await ask('join', 'PUT', 'sys/storage/raft/join');
    await ask('bootstrap', 'PUT', 'sys/storage/raft/bootstrap');
    await bao.mount('kv', 'kv');
    const written = await bao.ask('PUT', 'kv/a', { body: { b: 'c' } });
    seen['write'] = [written.status, written.header('x-vault-index')];
    seen['leader'] = Object.keys(await bao.request('GET', 'sys/leader'));
    const snapshot = await bao.ask('GET', 'sys/storage/raft/snapshot');
    seen['snapshot'] = [snapshot.status, (snapshot.json['errors'] as string[])[0]];
    await bao.stepDown();
    await sim.run('2s');
    seen['after step-down'] = await bao.operator.health(bao.address('n1'));
    await sim.until(
      'it leads again',
      async () => (await bao.operator.health(bao.address('n1'))) === 200,
      50_000,
      30_000_000,
    );
    await ask('read', 'GET', 'kv/a');
  });
  const { violations } = await runScenario(story, 1, options);
  expect(violations).toEqual([]);
  expect(seen).toEqual({
    'join before init': [500, 'node must be unsealed before joining'],
    'join by address': [
      500,
      'leader API address and auto-join metadata must be unset when raft is used exclusively for HA',
    ],
    join: [200, true],
    bootstrap: [500, 'could not bootstrap clustered storage: error bootstrapping cluster: cluster already has state'],
    write: [204, undefined],
    leader: ['ha_enabled', 'is_self', 'active_time', 'leader_address', 'leader_cluster_address'],
    snapshot: [400, 'raft storage is not in use'],
    'after step-down': 429,
    read: [200, ''],
  });
});

test('beside a database that they share a node joins through whom the data name, serves reads, and takes over', async () => {
  const seen: Record<string, unknown> = {};
  const story = scenario('ha_storage raft, shared data', {}, async (sim) => {
    const bao = sim.prepare({ nodes: 2, storage: 'postgresql', multiplier: 1, settings: { ha_storage: 'raft' } });
    bao.start('n1');
    await sim.run('1s');
    bao.keys = await bao.operator.init(bao.address('n1'), true);
    bao.operator.token = bao.keys.rootToken;
    const healthy = async (node: string) => (await bao.operator.health(bao.address(node))) === 200;
    await sim.until('n1 leads', () => healthy('n1'), 50_000, 30_000_000);
    await bao.mount('kv', 'kv');
    bao.start('n2');
    await sim.run('1s');
    const join = await bao.ask('PUT', 'sys/storage/raft/join', { node: 'n2', body: {} });
    seen['join'] = [join.status, join.json['joined']];
    await sim.eventually('20s', 'n2 serves reads', () => bao.readers.includes('n2'));
    for (const value of ['1', '2']) {
      const written = await bao.ask('PUT', 'kv/a', { body: { value } });
      const headers = [['X-Vault-Index', written.header('x-vault-index')!]] as const;
      const read = await bao.ask('GET', 'kv/a', { node: 'n2', headers });
      seen[`read ${value}`] = [read.status, at(read.json, 'data', 'value')];
    }
    // Till it is a voter.
    await sim.run('15s');
    await bao.stepDown();
    await sim.until('n2 leads', () => healthy('n2'), 50_000, 30_000_000);
    await sim.eventually('20s', 'n1 serves reads', () => bao.readers.includes('n1'));
    seen['taken over'] = at((await bao.ask('GET', 'kv/a', { node: 'n1' })).json, 'data', 'value');
  });
  const { violations } = await runScenario(story, 1, options);
  expect(violations).toEqual([]);
  expect(seen).toEqual({ join: [200, true], 'read 1': [200, '1'], 'read 2': [200, '2'], 'taken over': '2' });
});

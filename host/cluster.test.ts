import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Place } from './cluster.fixture.ts';
import { ask, places, removePlaces, startNode, until } from './cluster.fixture.ts';
import { splitHostPort } from './network.ts';
import type { RunningServer } from './server.ts';

let all: readonly Place[];
let token = '';
const running = new Map<string, RunningServer>();
const failed = (error: unknown): never => {
  throw error;
};

beforeAll(async () => {
  all = await places(3);
  const [first, ...others] = all;
  running.set(first!.name, await startNode(first!, [], failed));
  const init = await ask(first!, 'PUT', 'sys/init', '', { recovery_shares: 1, recovery_threshold: 1 });
  token = init.body['root_token'] as string;
  await until('the first node is active', async () => (await ask(first!, 'GET', 'sys/health')).status === 200);
  const settings = { server_stabilization_time: '1s' };
  await ask(first!, 'PUT', 'sys/storage/raft/autopilot/configuration', token, settings);
  for (const place of others) running.set(place.name, await startNode(place, all, failed));
  await until('all are voters', async () => (await voters(first!)) === 3);
  await ask(first!, 'PUT', 'sys/mounts/kv', token, { type: 'kv' });
});

afterAll(async () => {
  await Promise.all([...running.values()].map((server) => server.stop()));
  await removePlaces(all);
});

async function voters(place: Place): Promise<number> {
  const { body } = await ask(place, 'GET', 'sys/storage/raft/configuration', token);
  const data = body['data'] as { config?: { servers?: { voter: boolean }[] } } | undefined;
  return (data?.config?.servers ?? []).filter(({ voter }) => voter).length;
}

test('a standby forwards what it is not to answer, reads for itself, and redirects who wants that', async () => {
  const standby = all[1]!;
  await until('the mount is known', async () => (await ask(standby, 'PUT', 'kv/a', token, { v: '1' })).status === 204);
  await until('it reads', async () => (await ask(standby, 'GET', 'kv/a', token)).status === 200);
  expect((await ask(standby, 'GET', 'sys/health')).status).toBe(429);
  expect((await ask(standby, 'GET', 'sys/leader')).body).toMatchObject({ leader_address: `http://${all[0]!.api}` });
});

test('the cluster port takes no one who does not show the right certificate', async () => {
  const ended = await new Promise<string>((resolve) => {
    const socket = connect({
      ...splitHostPort(all[0]!.cluster),
      ALPNProtocols: ['raft_storage_v1'],
      servername: 'raft',
      rejectUnauthorized: false,
    });
    socket.on('secureConnect', () => resolve('let in'));
    socket.on('error', () => resolve('refused'));
    socket.on('close', () => resolve('refused'));
  });
  expect(ended).toBe('refused');
});

test('when the active node goes, another takes over with everything that was acknowledged', async () => {
  const [old, ...others] = all;
  expect((await ask(old!, 'PUT', 'kv/b', token, { v: 'acknowledged' })).status).toBe(204);
  await running.get(old!.name)!.stop();
  running.delete(old!.name);
  const writes = async (): Promise<boolean> => {
    for (const place of others) if ((await ask(place, 'PUT', 'kv/c', token, { v: '2' })).status === 204) return true;
    return false;
  };
  await until('one of the others writes', writes);
  for (const place of others) {
    await until('it has all', async () => (await ask(place, 'GET', 'kv/c', token)).status === 200);
    expect((await ask(place, 'GET', 'kv/b', token)).body).toMatchObject({ data: { v: 'acknowledged' } });
  }
});

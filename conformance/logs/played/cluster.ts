/** Three nodes of raft. */
import { type BesideServer, clusteredServer, until } from '../../configurations/beside.ts';
import { initialised, NO_READS, STATIC_SEAL, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function cluster(session: Session, age: 'young' | 'old'): Promise<void> {
  const servers = [await session.server(), await session.server(), await session.server()];
  const [first, second, third] = servers as [BesideServer, BesideServer, BesideServer];
  // A busy machine keeps a leader from its heartbeats for a second now and then.
  const multiplier = age === 'young' ? 2 : 1;
  const joins = (at: number) =>
    servers
      .filter((_, index) => index !== at)
      .map((server) => `  retry_join {\n    leader_api_addr = "${server.filled('http://127.0.0.1:@P0')}"\n  }\n`)
      .join('');
  for (const [index, server] of servers.entries())
    await server.configure(
      clusteredServer(
        `storage "raft" {\n  path = "@DIR/data"\n  node_id = "n${index + 1}"\n  performance_multiplier = ${multiplier}\n${joins(index)}}`,
        `${TRACE}${STATIC_SEAL}${index === 0 ? NO_READS : ''}`,
      ),
    );
  const health = async (server: BesideServer): Promise<number> => {
    try {
      return (await server.ask('GET', 'sys/health', { token: '' }))[0];
    } catch {
      return 0;
    }
  };
  const serves = (server: BesideServer) =>
    until(() => server.lines(/enabled standby mode|post-unseal setup complete/).length > 0);
  const voters = async (count: number): Promise<boolean> => {
    const [status, text] = await first.ask('GET', 'sys/storage/raft/configuration');
    if (status !== 200) return false;
    const { data } = JSON.parse(text) as { data: { config: { servers: { voter: boolean }[] } } };
    return data.config.servers.filter(({ voter }) => voter).length === count;
  };
  await session.step('first alone', () => first.start());
  await session.step('first initialised', async () => {
    await initialised(first);
    for (const server of servers) server.root = first.root;
  });
  await session.step('second', async () => {
    await second.start();
    await serves(second);
    await until(async () => (await health(second)) === 429 && (await voters(2)));
  });
  await session.step('third', async () => {
    await third.start();
    await serves(third);
    await until(async () => (await health(third)) === 429 && (await voters(3)));
  });
  await session.step('changes', async () => {
    await first.ask('POST', 'sys/mounts/kv', { body: { type: 'kv' } });
    await first.ask('POST', 'kv/a', { body: { a: 1 } });
    await second.ask('GET', 'kv/a');
    await second.ask('POST', 'kv/a', { body: { a: 2 } });
    await first.ask('POST', 'sys/policies/acl/p', { body: { policy: 'path "kv/*" { capabilities = ["read"] }' } });
    await first.ask('POST', 'sys/auth/userpass', { body: { type: 'userpass' } });
    await first.ask('POST', 'sys/mounts/kv/tune', { body: { description: 'x' } });
    await first.ask('DELETE', 'sys/mounts/kv');
  });
  await session.step('namespace heard of', () => first.ask('POST', 'sys/namespaces/a', { body: {} }));
  await session.step('rotate', () => first.ask('POST', 'sys/rotate', { body: {} }));
  await session.step('autopilot', async () => {
    await first.ask('POST', 'sys/storage/raft/autopilot/configuration', {
      body: { min_quorum: 3, cleanup_dead_servers: true },
    });
    await first.ask('GET', 'sys/storage/raft/autopilot/state');
  });
  await session.step('standby sealed', async () => {
    await third.ask('PUT', 'sys/seal', { body: {} });
    await third.end();
  });
  await session.step('standby back', async () => {
    await third.start();
    await serves(third);
    await until(async () => (await health(third)) === 429);
  });
  if (age === 'young') return;
  await session.step('step down', async () => {
    await first.ask('PUT', 'sys/step-down', { body: {} });
    await until(() => servers.some((server) => server.lines(/core: acquired lock/).length > 0));
    await until(async () => (await Promise.all(servers.map(health))).filter((status) => status === 200).length === 1);
  });
  const leader = async (): Promise<BesideServer> => {
    for (const server of servers) if ((await health(server)) === 200) return server;
    throw new Error('nobody is active');
  };
  await session.step('killed', async () => {
    const active = await leader();
    await active.end('SIGKILL');
    await until(() => servers.some((server) => server.lines(/core: acquired lock/).length > 0));
    await until(async () => (await Promise.all(servers.map(health))).includes(200));
  });
  await session.step('back', async () => {
    const active = await leader();
    for (const server of servers) if ((await health(server)) === 0) await server.start();
    await until(async () => (await Promise.all(servers.map(health))).filter((status) => status === 429).length === 2);
    void active;
  });
  await session.step('removed', async () => {
    const active = await leader();
    const other = servers.findIndex((server) => server !== active);
    await active.ask('POST', 'sys/storage/raft/remove-peer', { body: { server_id: `n${other + 1}` } });
  });
  await session.step('snapshot', async () => {
    await (await leader()).ask('GET', 'sys/storage/raft/snapshot');
  });
  await session.step('stop', () => Promise.all(servers.map((server) => server.end())));
}

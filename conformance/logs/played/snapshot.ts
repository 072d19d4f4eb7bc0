/** One node of raft whose state is saved and restored. */
import { request } from 'node:http';
import { type BesideServer, raftServer, until } from '../../configurations/beside.ts';
import { asked, initialised, NO_READS, STATIC_SEAL, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function snapshot(session: Session): Promise<void> {
  const server = await session.server();
  const ask = asked(server);
  await server.configure(raftServer(`${TRACE}${NO_READS}${STATIC_SEAL}`));
  await server.start();
  await initialised(server);
  await ask('POST', 'sys/mounts/kv', { type: 'kv' });
  await ask('POST', 'sys/auth/userpass', { type: 'userpass' });
  await ask('POST', 'sys/namespaces/a', {});
  await session.step('init', () => Promise.resolve());
  let saved: Buffer = Buffer.alloc(0);
  await session.step('saved', async () => {
    saved = (await bytes(server, 'GET', 'sys/storage/raft/snapshot')).body;
  });
  await session.step('changed since', async () => {
    await ask('DELETE', 'sys/mounts/kv');
    await ask('POST', 'sys/mounts/other', { type: 'kv' });
    // Autopilot starts with what was restored, and says so.
    await ask('POST', 'sys/storage/raft/autopilot/configuration', { max_trailing_logs: 555, min_quorum: 5 });
  });
  await session.step('not a snapshot', () =>
    bytes(server, 'POST', 'sys/storage/raft/snapshot', Buffer.from('nonsense')),
  );
  await session.step('part of a snapshot', () =>
    bytes(server, 'POST', 'sys/storage/raft/snapshot', saved.subarray(0, 200)),
  );
  for (const path of ['snapshot', 'snapshot-force'])
    await session.step(`restored by ${path}`, async () => {
      await bytes(server, 'POST', `sys/storage/raft/${path}`, saved);
      await until(() => server.lines(/post-unseal setup complete/).length > 0);
      await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
    });
  await session.step('stop', () => server.end());
}

function bytes(server: BesideServer, method: string, path: string, sent?: Buffer): Promise<{ body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: server.ports[0],
        method,
        path: `/v1/${path}`,
        headers: { 'X-Vault-Token': server.root },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve({ body: Buffer.concat(chunks) }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}

/** A seal whose keys are in another server, which goes away. */
import { raftServer } from '../../configurations/beside.ts';
import { initialised, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function transit(session: Session): Promise<void> {
  const kms = await session.aside();
  await kms.start(['-dev', '-dev-root-token-id=root', '-dev-listen-address=127.0.0.1:@P0']);
  kms.root = 'root';
  await kms.ask('POST', 'sys/mounts/transit', { body: { type: 'transit' } });
  await kms.ask('POST', 'transit/keys/k', { body: {} });
  await kms.ask('POST', 'sys/policies/acl/seal', {
    body: { policy: 'path "transit/*" { capabilities = ["update"] }' },
  });
  const [, text] = await kms.ask('POST', 'auth/token/create', { body: { policies: ['seal'], ttl: '1h' } });
  const token = (JSON.parse(text) as { auth: { client_token: string } }).auth.client_token;
  const server = await session.server();
  const seal = `seal "transit" {
address = "${kms.filled('http://127.0.0.1:@P0')}"
token = "${token}"
key_name = "k"
mount_path = "transit"
}
`;
  await server.configure(raftServer(TRACE + seal));
  await session.step('start', () => server.start());
  await session.step('init', () => initialised(server));
  await session.step('key rotated', async () => {
    await kms.ask('POST', 'transit/keys/k/rotate', { body: {} });
    await server.ask('POST', 'sys/rotate', { body: {} });
    await server.ask('POST', 'sys/rotate/root', { body: {} });
  });
  await session.step('stop', () => server.end());
  await kms.ask('PUT', 'sys/seal', { body: {} });
  await session.step('start without', () => server.start());
  await session.step('stop without', () => server.end());
  await kms.end();
  await session.step('start alone', () => server.start());
  await session.step('stop alone', () => server.end());
}

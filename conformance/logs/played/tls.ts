/** Certificates, and clients that do not speak TLS. */
import { writeFile } from 'node:fs/promises';
import { TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function tls(session: Session): Promise<void> {
  const server = await session.server();
  await server.configure(
    `storage "inmem" {}
listener "tcp" {
address = "127.0.0.1:@P0"
tls_cert_file = "@DIR/cert.pem"
tls_key_file = "@DIR/key.pem"
}
listener "tcp" {
address = "127.0.0.1:@P1"
tls_disable = true
}
api_addr = "https://127.0.0.1:@P0"
${TRACE}`,
  );
  await session.step('start', () => server.start());
  await session.step('plain to TLS', async () => {
    await server.call('GET', 'sys/health', { token: '' }).catch(() => undefined);
  });
  await session.step('new certificate', async () => {
    await server.certificate('other');
    server.signal('SIGHUP');
  });
  await session.step('bad certificate', async () => {
    await writeFile(server.filled('@DIR/cert.pem'), 'nonsense');
    server.signal('SIGHUP');
  });
  await session.step('stop', () => server.end());
}

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { certFolder, playCertLogins } from './cert-login.fixture.ts';
import { hostLog } from './log.ts';
import { sanitized } from './sanitized.ts';
import { startServer } from './server.ts';

test('logins with client certificates are answered as the real server answered them', async () => {
  const hcl = `storage "inmem" {}
    listener "tcp" {
      address = "127.0.0.1:0"
      tls_cert_file = "${join(certFolder, 'srv.pem')}"
      tls_key_file = "${join(certFolder, 'srv.key')}"
    }`;
  const { configuration } = parseConfiguration(hcl, '');
  const log = hostLog({ level: 'error', format: 'standard', print: () => undefined, now: Date.now });
  const failed = (error: unknown): void => {
    throw error;
  };
  const dev = { rootToken: 'root', kvVersion: 0 } as const;
  const server = await startServer({ configuration, log, failed, dev, sanitized: sanitized(configuration, false) });
  try {
    expect(await playCertLogins(`https://${server.listeners[0]!.address}`, 'root')).toEqual([]);
  } finally {
    await server.stop();
  }
});

/** TLS of a listener, ours and the real server's side by side: how keys are agreed on, and certificates that change. */
import { connect } from 'node:tls';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { agreed, CLIENTS } from '../../host/tls-handshake.fixture.ts';
import { same, until } from './beside.ts';

const WAIT = 120_000;

/** The certificate's subject, or why there was no connection. */
function greeted(port: number, ecdhCurve: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ecdhCurve }, () => {
      resolve(socket.getPeerX509Certificate()?.subject ?? '');
      socket.destroy();
    });
    socket.on('error', (error) =>
      resolve(error.message.includes('handshake failure') ? 'handshake failure' : 'broken'),
    );
  });
}

const withTls = (listener: string): string => `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:@P0"
  tls_cert_file = "@DIR/cert.pem"
  tls_key_file = "@DIR/key.pem"
  ${listener}
}
api_addr = "https://127.0.0.1:@P0"
`;

test.each([
  ['["CurveP256"]', ['P-256']],
  ['["CurveP384", "X25519"]', ['P-384', 'X25519']],
  ['[]', ['P-256', 'P-384', 'P-521', 'X25519']],
])(
  'tls_key_exchange_preferences = %s',
  async (names, wanted) => {
    const seen = await same(async (server) => {
      await server.configure(withTls(`tls_key_exchange_preferences = ${names}`));
      await server.start();
      const rows: [string, string][] = [];
      for (const group of ['P-256', 'P-384', 'P-521', 'X25519'])
        rows.push([group, await greeted(server.ports[0]!, group)]);
      return rows;
    });
    expect(seen.filter(([, said]) => said === 'CN=localhost').map(([group]) => group)).toEqual(wanted);
  },
  WAIT,
);

const SUITES = ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256'];

test.each([
  ['nothing', ''],
  ['old versions', 'tls_min_version = "tls10"'],
  ['suites that HTTP/2 forbids', `tls_cipher_suites = "${SUITES.join(',')}"`],
  ['suites and groups', `tls_cipher_suites = "${SUITES[0]}"\ntls_key_exchange_preferences = ["CurveP384", "X25519"]`],
])(
  'what clients and a listener agree on with %s configured',
  async (_, configured) => {
    const seen = await same(async (server) => {
      await server.configure(withTls(configured));
      await server.start();
      const rows: [string, string][] = [];
      for (const [name, options] of Object.entries(CLIENTS)) rows.push([name, await agreed(server.ports[0]!, options)]);
      return rows;
    });
    expect(seen.filter(([, said]) => said.startsWith('TLSv1.')).length).toBeGreaterThan(4);
  },
  WAIT,
);

test(
  'a certificate that changes on disk is read again, and one that cannot be read leaves the old one',
  async () => {
    const seen = await same(async (server) => {
      await server.configure(withTls('tls_auto_reload = true\ntls_auto_reload_interval = "5s"'));
      await server.start();
      const subject = () => greeted(server.ports[0]!, 'P-256');
      const before = await subject();
      await server.certificate('second');
      await until(async () => (await subject()) === 'CN=second');
      await until(() => server.lines(/tls auto-reload/).length > 0);
      const told = server.lines(/tls auto-reload/);
      await server.certificate('third');
      server.signal('SIGHUP');
      await until(async () => (await subject()) === 'CN=third');
      server.mark();
      await writeFile(`${server.folder}/cert.pem`, 'no certificate');
      server.signal('SIGHUP');
      await until(() => server.lines(/reload/).length > 0);
      return { before, told, after: await subject() };
    });
    expect(seen).toMatchObject({ before: 'CN=localhost', after: 'CN=third' });
  },
  WAIT,
);

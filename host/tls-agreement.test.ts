/** What listeners agree on; that the real server does the same is seen live (`conformance/configurations`). */
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { certFolder } from './cert-login.fixture.ts';
import { listenHttp } from './listener.ts';
import { splitHostPort } from './network.ts';
import type { TlsFiles } from './tls.ts';
import { agreed, CLIENTS } from './tls-handshake.fixture.ts';

async function listening(more: Partial<TlsFiles> = {}) {
  const listener = await listenHttp(() => Promise.resolve(undefined), {
    address: '127.0.0.1:0',
    tls: { certificate: `${certFolder}/server.pem`, key: `${certFolder}/server.key`, ...more },
    maxRequestSize: 10,
    failed: (error) => {
      throw error;
    },
  });
  return { port: splitHostPort(listener.address).port, [Symbol.asyncDispose]: () => listener.close() };
}

async function all(more: Partial<TlsFiles> = {}): Promise<Record<string, string>> {
  await using listener = await listening(more);
  const rows: [string, string][] = [];
  for (const [name, options] of Object.entries(CLIENTS)) rows.push([name, await agreed(listener.port, options)]);
  return Object.fromEntries(rows);
}

test('by default: the suites, groups and signatures of Go, in its order', async () => {
  expect(await all()).toMatchInlineSnapshot(`
    {
      "AES before ChaCha": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "AES-256 before AES-128": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 X25519 h2",
      "AES-256 first in 1.3": "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519MLKEM768 h2",
      "CBC before GCM": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "ChaCha before AES": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 X25519 h2",
      "ChaCha first in 1.3": "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 X25519MLKEM768 h2",
      "P-384 before X25519": "TLSv1.3 TLS_AES_128_GCM_SHA256 secp384r1 h2",
      "SHA-1": "no agreement",
      "SHA-224": "no agreement",
      "SHA-384": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 X25519 h2",
      "TLS 1.0": "no agreement",
      "TLS 1.2": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 X25519 h2",
      "TLS 1.3": "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519MLKEM768 h2",
      "a curve that Go lacks": "no agreement",
      "a field that Go lacks": "no agreement",
      "a hybrid behind a curve": "TLSv1.3 TLS_AES_128_GCM_SHA256 SecP384r1MLKEM1024 h2",
      "a suite of another country": "no agreement",
      "a suite with SHA-256": "no agreement",
      "a suite without AEAD": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA X25519 h2 Prohibited TLS 1.2 Cipher Suite: c009",
      "hybrids in the other order": "TLSv1.3 TLS_AES_128_GCM_SHA256 SecP256r1MLKEM768 h2",
    }
  `);
});

test('as configured, in Go’s order all the same', async () => {
  const ciphers = ['ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA256'];
  const seen = await all({ ciphers, groups: ['P-384', 'X25519'], minVersion: 'tls10' });
  expect(seen).toMatchInlineSnapshot(`
    {
      "AES before ChaCha": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "AES-256 before AES-128": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "AES-256 first in 1.3": "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519 h2",
      "CBC before GCM": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "ChaCha before AES": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "ChaCha first in 1.3": "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 X25519 h2",
      "P-384 before X25519": "TLSv1.3 TLS_AES_128_GCM_SHA256 secp384r1 h2",
      "SHA-1": "no agreement",
      "SHA-224": "no agreement",
      "SHA-384": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "TLS 1.0": "TLSv1 TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA X25519 h2 TLS version too low",
      "TLS 1.2": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 h2",
      "TLS 1.3": "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519 h2",
      "a curve that Go lacks": "no agreement",
      "a field that Go lacks": "no agreement",
      "a hybrid behind a curve": "TLSv1.3 TLS_AES_128_GCM_SHA256 secp384r1 h2",
      "a suite of another country": "no agreement",
      "a suite with SHA-256": "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 X25519 h2 Prohibited TLS 1.2 Cipher Suite: c023",
      "a suite without AEAD": "no agreement",
      "hybrids in the other order": "no agreement",
    }
  `);
});

test('with suites of TLS 1.3 only there is no TLS 1.2', async () => {
  const seen = await all({ ciphers: ['TLS_AES_128_GCM_SHA256'] });
  expect(seen).toMatchObject({ 'TLS 1.2': 'no agreement', 'TLS 1.3': expect.stringContaining('TLS_AES_128') });
});

test('nobody agrees anew on an open connection', async () => {
  await using listener = await listening();
  const said = await new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port: listener.port,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2' as const,
    };
    const socket = connect(options, () =>
      socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error === null ? 'agreed' : 'refused')),
    );
    socket.on('error', () => resolve('refused'));
  });
  expect(said).toBe('refused');
});

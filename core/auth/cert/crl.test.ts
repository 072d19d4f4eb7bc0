import { expect, test } from 'vitest';
import { concatBytes } from '../../codec/bytes.ts';
import { encodePem } from '../../codec/pem.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { encodeName, EMPTY_SUBJECT, nameOf } from '../../crypto/x509/name.ts';
import { makeRevocationList } from '../../crypto/x509/revocation-list.ts';
import { TestMount } from '../../framework/testing.ts';
import { createCert } from './cert.ts';

test('a list is refused when something follows it', async () => {
  const mount = new TestMount(createCert, { mount: { class: 'auth', type: 'cert' } });
  const list = await makeRevocationList(
    portableCrypto(),
    {
      rawIssuer: encodeName(nameOf({ ...EMPTY_SUBJECT, commonName: 'a' })),
      authorityKeyId: new Uint8Array(20),
      number: 1,
      thisUpdate: 1_700_000_000,
      nextUpdate: 1_800_000_000,
      revoked: [],
    },
    { key: { kind: 'ed25519', seed: new Uint8Array(32).fill(1) }, algorithm: { kind: 'ed25519' } },
    (length) => new Uint8Array(length),
  );
  const sent = (bytes: Uint8Array) => mount.write('crls/a', { crl: encodePem('X509 CRL', bytes) });
  expect((await sent(list)).status).toBe(204);
  expect((await sent(concatBytes(list, Uint8Array.of(5, 0)))).errors).toEqual([
    'failed to parse CRL: x509: trailing data after CRL',
  ]);
});

import { expect, test } from 'vitest';
import { concatBytes } from '../../codec/bytes.ts';
import { der } from '../../codec/der.ts';
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

const ECDSA = '1.2.840.10045.4.3.2';

/** Of the first version, which says neither its version nor a next update. */
function oldList(parts: { inner?: string; value?: Uint8Array; time?: string; nextUpdate?: Uint8Array }): string {
  const { inner = ECDSA, value = der.utf8('x'), time = '200101000000Z', nextUpdate = new Uint8Array() } = parts;
  const name = der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), value)));
  const entries = der.sequence(der.sequence(der.integer(7), der.utcTime('200101000000Z')));
  const content = der.sequence(der.sequence(der.oid(inner)), name, der.utcTime(time), nextUpdate, entries);
  const algorithm = der.sequence(der.oid(ECDSA));
  return encodePem('X509 CRL', der.sequence(content, algorithm, der.bits(Uint8Array.of(1))));
}

/** Held against the real server. */
test.each([
  ['of the first version', {}],
  ['with another algorithm inside', { inner: '1.2.840.113549.1.1.11' }],
  ['without seconds', { time: '2001010000Z' }],
  ['for long', { nextUpdate: der.generalizedTime('20900101000000Z') }],
])('a list %s is taken', async (_, parts) => {
  const mount = new TestMount(createCert, { mount: { class: 'auth', type: 'cert' } });
  expect((await mount.write('crls/a', { crl: oldList(parts) })).status).toBe(204);
  expect((await mount.read('crls/a')).data).toEqual({ serials: { 7: {} } });
});

test.each([
  [{ time: '201301000000Z' }, 'parsing time "201301000000Z": month out of range'],
  [{ time: '200230000000Z' }, 'parsing time "200230000000Z": day out of range'],
  [{ time: '20010100x' }, 'parsing time "20010100x" as "060102150405Z0700": cannot parse "x" as "04"'],
  [
    { nextUpdate: der.generalizedTime('20900101000000') },
    'parsing time "20900101000000" as "20060102150405Z0700": cannot parse "" as "Z0700"',
  ],
  [{ value: der.printable('@') }, 'asn1: syntax error: PrintableString contains invalid character'],
])('a list is refused as Go refuses it: %j', async (parts, why) => {
  const mount = new TestMount(createCert, { mount: { class: 'auth', type: 'cert' } });
  expect((await mount.write('crls/a', { crl: oldList(parts) })).errors).toEqual([`failed to parse CRL: ${why}`]);
});

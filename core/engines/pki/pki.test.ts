import { expect, test } from 'vitest';
import { formatHttpDate } from '../../codec/http-date.ts';
import { decodePem, encodePem } from '../../codec/pem.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { isSignedBy, parseCertificatePem, type Certificate } from '../../crypto/x509/certificate.ts';
import { parseRevocationList } from '../../crypto/x509/revocation-list.ts';
import { FakeClock, fakeRuntime, TestMount, type Seen } from '../../framework/testing.ts';
import { HOUR, SECOND } from '../../runtime.ts';
import { createPki } from './pki.ts';

const START = 1_790_000_000_123_456;
const crypto = portableCrypto();

async function withRoot(seed = 'a'): Promise<TestMount> {
  const runtime = fakeRuntime(new FakeClock(START), seed);
  const mount = new TestMount(createPki, { runtime, mount: { type: 'pki' } });
  const root = await mount.write('root/generate/internal', { common_name: 'Root', key_type: 'ec', ttl: '720h' });
  expect(root.errors).toBeUndefined();
  await mount.write('roles/web', {
    allowed_domains: ['example.com'],
    allow_subdomains: true,
    key_type: 'ec',
    ttl: '1h',
  });
  return mount;
}

const text = ({ data }: Seen, name: string): string => data![name] as string;
const certificate = (seen: Seen): Certificate => parseCertificatePem(text(seen, 'certificate'))!;
const issue = (mount: TestMount, name = 'a.example.com'): Promise<Seen> =>
  mount.write('issue/web', { common_name: name });

test('the same seed gives the same certificate and key, another seed others', async () => {
  const [one, same, other] = await Promise.all(['a', 'a', 'b'].map(async (seed) => issue(await withRoot(seed))));
  expect(same!.data).toEqual(one!.data);
  expect(text(other!, 'serial_number')).not.toBe(text(one!, 'serial_number'));
  expect(text(other!, 'private_key')).not.toBe(text(one!, 'private_key'));
});

test('issues under a role for as long as it says, signed by the root', async () => {
  const mount = await withRoot();
  const leaf = certificate(await issue(mount));
  const root = certificate(await mount.read('cert/ca'));
  expect(isSignedBy(crypto, leaf, root.publicKey!)).toBe(true);
  expect(leaf.notAfter - Math.floor(START / 1_000_000)).toBe(3600);
  expect(leaf.names.dns).toEqual(['a.example.com']);
  expect((await issue(mount, 'example.org')).errors).toEqual(['common name example.org not allowed by this role']);
});

test('a revoked certificate is on the list until tidied away after its end', async () => {
  const mount = await withRoot();
  const serial = text(await issue(mount), 'serial_number');
  const listed = async (): Promise<number> => {
    const { block } = decodePem(text(await mount.read('cert/crl'), 'certificate'))!;
    return parseRevocationList(block.bytes).revoked.length;
  };
  expect(await listed()).toBe(0);
  expect((await mount.write('revoke', { serial_number: serial })).data!['state']).toBe('revoked');
  expect(await listed()).toBe(1);
  mount.clock.advance(100 * HOUR);
  await mount.write('tidy', { tidy_cert_store: true, tidy_revoked_certs: true });
  await mount.settle();
  expect((await mount.read(`cert/${serial}`)).status).toBe(404);
  await mount.read('crl/rotate');
  expect(await listed()).toBe(0);
});

test('a serial number fits into 20 bytes with its sign', async () => {
  const mount = await withRoot();
  const all = await Promise.all(Array.from({ length: 12 }, (_, i) => issue(mount, `n${i}.example.com`)));
  const long = all.map((seen) => text(seen, 'serial_number')).filter((serial) => serial.split(':').length === 20);
  expect(long.filter((serial) => serial >= '80')).toEqual([]);
});

test('certificates issued at the same time have numbers of their own, and all are kept', async () => {
  const mount = await withRoot();
  const all = await Promise.all(Array.from({ length: 8 }, (_, i) => issue(mount, `n${i}.example.com`)));
  const serials = new Set(all.map((seen) => text(seen, 'serial_number')));
  expect(serials.size).toBe(8);
  const { keys } = (await mount.list('certs/')).data as { keys: string[] };
  expect(keys).toHaveLength(9);
});

test('whoever removes the issuer leaves its certificates readable and nothing to sign with', async () => {
  const mount = await withRoot();
  const serial = text(await issue(mount), 'serial_number');
  await mount.delete('issuer/default');
  expect((await mount.read(`cert/${serial}`)).status).toBe(200);
  expect((await issue(mount)).status).toBe(500);
});

test('an issuer whose key is elsewhere has no list where others have theirs', async () => {
  const mount = await withRoot();
  const other = await (await withRoot('b')).read('cert/ca');
  const imported = await mount.write('issuers/import/cert', { pem_bundle: text(other, 'certificate') });
  const [id] = imported.data!['imported_issuers'] as string[];
  const list = await mount.read(`issuer/${id!}/crl`);
  expect([list.status, list.errors]).toEqual([500, [`unable to find CRL for issuer: id:${id!}/ref:${id!}`]]);
  expect((await mount.read('issuer/default/crl')).status).toBe(200);
});

test('an issuer whose key is of no known kind, and what is no PEM in a bundle, are refused', async () => {
  const mount = await withRoot();
  const { block } = decodePem(text(await mount.read('cert/ca'), 'certificate'))!;
  const bytes = block.bytes.slice();
  // 1.2.840.10045.2.1, the kind of an elliptic curve's key.
  const kind = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
  bytes[[...bytes.keys()].find((at) => kind.every((byte, i) => bytes[at + i] === byte))! + 6] = 9;
  const said = async (pem_bundle: string): Promise<string> =>
    (await mount.write('issuers/import/cert', { pem_bundle })).errors![0]!;
  expect(await said(encodePem('CERTIFICATE', bytes))).toContain(
    'Refusing to import CA certificate with empty PublicKey.',
  );
  expect(await said(`${encodePem('CERTIFICATE', bytes)}-----BEGIN`)).toBe(
    'error when parsing block 2: invalid PEM data',
  );
});

test('whoever has an authority is not sent it again until it changes, as by another default', async () => {
  const mount = await withRoot();
  await mount.write('root/generate/internal', { common_name: 'Other', key_type: 'ec', issuer_name: 'other' });
  const asked = async (): Promise<(number | undefined)[]> => {
    const since = formatHttpDate(mount.clock.wall() + SECOND);
    mount.headers = new Map([['if-modified-since', [since]]]);
    mount.clock.advance(2 * SECOND);
    return Promise.all(
      ['issuer/default/der', 'issuer/other/der', 'ca_chain'].map(
        async (path) => (await mount.read(path)).response?.raw?.status,
      ),
    );
  };
  expect(await asked()).toEqual([304, 304, 200]);
  await mount.write('config/issuers', { default: 'other' });
  for (const id of (await mount.list('issuers')).data!['keys'] as string[]) {
    expect((await mount.read(`issuer/${id}/der`)).response?.raw?.status).toBe(200);
  }
  expect(await asked()).toEqual([304, 304, 200]);
});

import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { devCertificate } from './dev-tls.ts';

test('a dev server’s certificate is signed by an authority beside it, for the names it is reached by', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  try {
    const files = await devCertificate(folder, '[::1]:8200');
    const authority = new X509Certificate(await readFile(files.authority));
    const certificate = new X509Certificate(await readFile(files.certificate));
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(authority).toMatchObject({ ca: true, subject: 'CN=Vault Dev CA' });
    expect(certificate).toMatchObject({ ca: false, issuer: 'CN=Vault Dev CA' });
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect((await stat(files.key)).mode & 0o777).toBe(0o400);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Certificates for `-dev-tls`: an authority of its own, and the listener's, under upstream's file names. */
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate, pemOf } from '../../host/certificate.ts';

const DAY = 86_400_000;
const NAMES = ['localhost', 'localhost4', 'localhost6', 'localhost.localdomain'];

export interface DevCertificate {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Valid for a year; the files stay in `folder`. */
export async function devCertificate(folder: string | undefined, address: string): Promise<DevCertificate> {
  const target = folder ?? (await mkdtemp(join(tmpdir(), 'steamer-tls-')));
  await mkdir(target, { recursive: true });
  const files = {
    authority: join(target, 'vault-ca.pem'),
    certificate: join(target, 'vault-cert.pem'),
    key: join(target, 'vault-key.pem'),
  };
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '') || '127.0.0.1';
  const now = Date.now() - 60_000;
  const common = { curve: 'P-256', notBefore: now } as const;
  const authority = makeCertificate({
    ...common,
    commonName: 'Vault Dev CA',
    hosts: [],
    ca: true,
    notAfter: now + 3_650 * DAY,
  });
  const certificate = makeCertificate({
    ...common,
    commonName: hostname(),
    hosts: [...new Set([...NAMES, hostname(), '127.0.0.1', host])],
    ca: false,
    notAfter: now + 365 * DAY,
    issuer: authority,
  });
  await write(files.authority, pemOf(authority.der), 0o444);
  await write(files.certificate, pemOf(certificate.der), 0o400);
  await write(files.key, certificate.key.export({ type: 'sec1', format: 'pem' }), 0o400);
  return files;
}

async function write(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, mode);
}

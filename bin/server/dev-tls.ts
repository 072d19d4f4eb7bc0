/** A certificate for `-dev-tls`, made by OpenSSL's program, because Node makes none. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';

const run = promisify(execFile);

/** Self-signed for localhost and the listener's host, valid for a day; the files stay in `folder`. */
export async function devCertificate(
  folder: string | undefined,
  address: string,
): Promise<{ certificate: string; key: string }> {
  const target = folder ?? (await mkdtemp(join(tmpdir(), 'steamer-tls-')));
  await mkdir(target, { recursive: true });
  const certificate = join(target, 'vault-cert.pem');
  const key = join(target, 'vault-key.pem');
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '') || '127.0.0.1';
  const isAddress = /^[0-9.]+$/.test(host) || host.includes(':');
  const names = [
    'DNS:localhost',
    'IP:127.0.0.1',
    ...(host === '127.0.0.1' ? [] : [`${isAddress ? 'IP' : 'DNS'}:${host}`]),
  ];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const subject = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${names.join(',')}`];
  try {
    await run('openssl', [...request, '-keyout', key, '-out', certificate, ...subject]);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new ConfigurationError(`-dev-tls needs the openssl program: ${reason ?? ''}`);
  }
  return { certificate, key };
}

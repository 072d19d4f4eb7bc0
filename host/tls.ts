/** TLS of a listener: from files, or a certificate made for a dev server. */
import { readFile } from 'node:fs/promises';
import type { SecureVersion, TlsOptions } from 'node:tls';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa?: string;
  readonly requireClientCertificate?: boolean;
  /** Do not even ask for one. */
  readonly disableClientCertificates?: boolean;
  /** 'tls12' or 'tls13', as in the configuration. */
  readonly minVersion?: string;
  readonly maxVersion?: string;
}

const versions: Readonly<Record<string, SecureVersion>> = {
  tls10: 'TLSv1',
  tls11: 'TLSv1.1',
  tls12: 'TLSv1.2',
  tls13: 'TLSv1.3',
};

/** Rejects with ConfigurationError for files that are missing or hold something else. */
export async function tlsOptions(files: TlsFiles): Promise<TlsOptions> {
  const cert = await readPem(files.certificate);
  const key = await readPem(files.key);
  try {
    process.getBuiltinModule('node:tls').createSecureContext({ cert, key });
  } catch (error) {
    throw broken(error instanceof Error ? error.message : String(error));
  }
  const minVersion = versions[files.minVersion ?? 'tls12'];
  const maxVersion = versions[files.maxVersion ?? 'tls13'];
  return {
    cert,
    key,
    ...(files.clientCa === undefined ? {} : { ca: await readPem(files.clientCa) }),
    requestCert: files.disableClientCertificates !== true,
    rejectUnauthorized: files.requireClientCertificate === true,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ALPNProtocols: ['http/1.1'],
  };
}

const broken = (reason: string): ConfigurationError =>
  new ConfigurationError(`Error initializing listener of type tcp: error loading TLS cert: ${reason}`);

async function readPem(path: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'no such file or directory',
      EACCES: 'permission denied',
      EISDIR: 'is a directory',
    };
    throw broken(`open ${path}: ${reasons[code] ?? code}`);
  }
  if (!bytes.includes('-----BEGIN ')) throw broken('decoded PEM is blank');
  return bytes;
}

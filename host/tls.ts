/** TLS of a listener: from files, or a certificate made for a dev server. */
import { readFile } from 'node:fs/promises';
import type { SecureVersion, TlsOptions } from 'node:tls';

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

/** Rejects with the file system's error. */
export async function tlsOptions(files: TlsFiles): Promise<TlsOptions> {
  const minVersion = versions[files.minVersion ?? 'tls12'];
  const maxVersion = versions[files.maxVersion ?? 'tls13'];
  return {
    cert: await readFile(files.certificate),
    key: await readFile(files.key),
    ...(files.clientCa === undefined ? {} : { ca: await readFile(files.clientCa) }),
    requestCert: files.disableClientCertificates !== true,
    rejectUnauthorized: files.requireClientCertificate === true,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ALPNProtocols: ['http/1.1'],
  };
}

/** TLS of a listener: from files, or a certificate made for a dev server. */
import { readFile } from 'node:fs/promises';
import type { SecureVersion, TlsOptions } from 'node:tls';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import { readFault } from './errno.ts';
import { keyPairFault } from './key-pair.ts';
import { tlsAgreement } from './tls-agreement.ts';

export interface TlsPair {
  readonly certificate: string;
  readonly key: string;
}

export interface TlsFiles {
  readonly clientCa?: string;
  readonly requireClientCertificate?: boolean;
  /** Do not even ask for one. */
  readonly disableClientCertificates?: boolean;
  /** 'tls12' or 'tls13', as in the configuration. */
  readonly minVersion?: string;
  readonly maxVersion?: string;
  /** OpenSSL's names; none: the defaults. */
  readonly ciphers?: readonly string[];
  /** OpenSSL's names of key agreements; none: the defaults. */
  readonly groups?: readonly string[];
}

const versions: Readonly<Record<string, SecureVersion>> = {
  tls10: 'TLSv1',
  tls11: 'TLSv1.1',
  tls12: 'TLSv1.2',
  tls13: 'TLSv1.3',
};

/** Rejects with ConfigurationError for files that hold something else and settings that do not go together. */
export async function tlsOptions(files: TlsFiles & TlsPair): Promise<TlsOptions> {
  const cert = await readPem(files.certificate);
  const key = await readPem(files.key);
  const fault = keyPairFault(String(cert), String(key));
  if (fault !== undefined) throw broken(fault);
  const { ciphers } = tlsAgreement(files.ciphers, files.groups);
  try {
    process.getBuiltinModule('node:tls').createSecureContext({ cert, key, ciphers });
  } catch (error) {
    throw broken(error instanceof Error ? error.message : String(error));
  }
  return { cert, key, ...(await tlsSettings(files)) };
}

/** All but the certificate. Rejects with ConfigurationError. */
export async function tlsSettings(files: TlsFiles): Promise<TlsOptions> {
  const required = files.requireClientCertificate === true;
  if (required && files.disableClientCertificates === true) {
    throw wrong("'tls_disable_client_certs' and 'tls_require_and_verify_client_cert' are mutually exclusive");
  }
  return {
    // Who need not show a certificate may show any.
    ...(required && files.clientCa !== undefined ? { ca: await readPem(files.clientCa) } : {}),
    requestCert: files.disableClientCertificates !== true,
    rejectUnauthorized: required,
    ...versionRange(files),
    ...tlsAgreement(files.ciphers, files.groups),
    ALPNProtocols: ['h2', 'http/1.1'],
  };
}

/**
 * What OpenSSL noted of a client's certificates (a signature that is another's, a constraint that cannot be matched)
 * stays with the thread, and the next read of any connection would fail with it. Reading another certificate clears it.
 */
export function forgetComplaints(): void {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  try {
    void new X509Certificate('');
  } catch {
    // It is none.
  }
}

function versionRange({ minVersion = 'tls12', maxVersion = 'tls13' }: TlsFiles): TlsOptions {
  const of = (name: string, text: string): SecureVersion => {
    const version = versions[text];
    if (version !== undefined) return version;
    throw wrong(`'${name}' value "${text}" not supported, please specify one of [tls10,tls11,tls12,tls13]`);
  };
  const [least, most] = [of('tls_min_version', minVersion), of('tls_max_version', maxVersion)];
  if (minVersion > maxVersion) throw wrong("'tls_max_version' must be greater than or equal to 'tls_min_version'");
  return { minVersion: least, maxVersion: most };
}

const wrong = (reason: string): ConfigurationError =>
  new ConfigurationError(`Error initializing listener of type tcp: ${reason}`);

const broken = (reason: string): ConfigurationError => wrong(`error loading TLS cert: ${reason}`);

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw broken(readFault(path, error));
  }
}

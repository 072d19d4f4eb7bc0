/** The authorities that this machine trusts, found where Go's crypto/x509 looks for them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';

/** Debian, Fedora, OpenSUSE, OpenELEC, CentOS, Alpine. */
const FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const FOLDERS = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

/**
 * As PEM; undefined where there are none, and Node's own list has to do. SSL_CERT_FILE and SSL_CERT_DIR (several after
 * each other, with colons) say where else to look. Folders are read where they are named, or nothing else is found.
 */
export function systemRoots(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { SSL_CERT_FILE: file = '', SSL_CERT_DIR: named = '' } = environment;
  const texts: string[] = [];
  for (const path of file === '' ? FILES : [file]) {
    const text = certificatesIn(path);
    if (text === undefined) continue;
    texts.push(text);
    break;
  }
  const folders = named === '' ? (texts.length === 0 ? FOLDERS : []) : named.split(':');
  for (const folder of folders) {
    for (const name of namesIn(folder)) texts.push(certificatesIn(join(folder, name)) ?? '');
  }
  const all = texts.join('\n');
  return all.includes('-----BEGIN CERTIFICATE-----') ? all : undefined;
}

function certificatesIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

let known: { readonly pem: string | undefined; readonly context: SecureContext | undefined } | undefined;

/** Of the process's environment, read when it is first needed, and a context of connections that want no more. */
export function ownRoots(): NonNullable<typeof known> {
  if (known === undefined) {
    const pem = systemRoots(process.env);
    const context =
      pem === undefined ? undefined : process.getBuiltinModule('node:tls').createSecureContext({ ca: pem });
    known = { pem, context };
  }
  return known;
}

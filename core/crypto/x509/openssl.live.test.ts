/** openssl reads and verifies what we write, with every kind of key that it knows. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicKeyOf, type PrivateKey } from '../keys/key.ts';
import { portableCrypto } from '../portable.ts';
import { usualAlgorithm, type SignatureAlgorithm } from './algorithm.ts';
import { certificatePem, parseCertificate } from './certificate.ts';
import { NO_NAMES } from './general-name.ts';
import { subjectKeyId } from './key-id.ts';
import { makeCertificate, type CertificateTemplate } from './make-certificate.ts';
import { EMPTY_SUBJECT, encodeName, nameOf } from './name.ts';
import { KEY_USAGE } from './oids.ts';
import { makeRequest, requestPem } from './request.ts';
import { makeRevocationList, revocationListPem } from './revocation-list.ts';

const crypto = portableCrypto();
const random = (length: number): Uint8Array => new Uint8Array(length).fill(3);
const NOW = Math.floor(Date.now() / 1000);

const kinds: [name: string, key: () => Promise<PrivateKey>, algorithm?: SignatureAlgorithm][] = [
  ...(['p224', 'p256', 'p384', 'p521'] as const).map((curve): [string, () => Promise<PrivateKey>] => [
    curve,
    () => Promise.resolve({ kind: 'ecdsa', key: crypto.ecdsaGenerate(curve, random) }),
  ]),
  ['Ed25519', () => Promise.resolve({ kind: 'ed25519', seed: random(32) })],
  ['RSA', async () => ({ kind: 'rsa', key: await crypto.rsaGenerate(2048, random) })],
  [
    'RSA with PSS',
    async () => ({ kind: 'rsa', key: await crypto.rsaGenerate(2048, random) }),
    { kind: 'rsa', hash: 'sha384', pss: true },
  ],
];

describe('openssl', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'x509-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const openssl = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
    expect(status, stderr + stdout).toBe(0);
    return stdout + stderr;
  };

  it.each(kinds)('verifies chain, request and list with %s', async (_, makeKey, algorithm) => {
    const key = await makeKey();
    const publicKey = publicKeyOf(crypto, key);
    const signer = { key, algorithm: algorithm ?? usualAlgorithm(publicKey) };
    const id = subjectKeyId(crypto, publicKey);
    const name = (commonName: string): Uint8Array => encodeName(nameOf({ ...EMPTY_SUBJECT, commonName }));
    const root: CertificateTemplate = {
      serial: Uint8Array.of(1, 0),
      rawIssuer: name('root'),
      rawSubject: name('root'),
      notBefore: NOW - 60,
      notAfter: NOW + 3600,
      publicKey,
      subjectKeyId: id,
      authorityKeyId: id,
      basicConstraints: { isCa: true, maxPathLength: 0 },
      keyUsage: KEY_USAGE.CertSign | KEY_USAGE.CRLSign,
    };
    const leaf: CertificateTemplate = {
      ...root,
      serial: Uint8Array.of(200),
      rawSubject: name(''),
      basicConstraints: { isCa: false },
      keyUsage: KEY_USAGE.DigitalSignature,
      names: { ...NO_NAMES, dns: ['leaf.example'] },
    };
    const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
    write('root.pem', certificatePem(await makeCertificate(crypto, root, signer, random)));
    const leafBytes = await makeCertificate(crypto, leaf, signer, random);
    write('leaf.pem', certificatePem(leafBytes));
    expect(openssl('verify', '-x509_strict', '-CAfile', 'root.pem', 'leaf.pem')).toContain('leaf.pem: OK');
    write(
      'request.pem',
      requestPem(await makeRequest(crypto, { rawSubject: name('asked'), extensions: [] }, signer, random)),
    );
    expect(openssl('req', '-in', 'request.pem', '-verify', '-noout')).toContain('OK');
    const list = {
      rawIssuer: name('root'),
      authorityKeyId: id,
      number: 300,
      thisUpdate: NOW - 60,
      nextUpdate: NOW + 3600,
      revoked: [{ serial: Uint8Array.of(9), at: NOW, extensions: [] }],
    };
    write('list.pem', revocationListPem(await makeRevocationList(crypto, list, signer, random)));
    expect(openssl('crl', '-in', 'list.pem', '-CAfile', 'root.pem', '-noout')).toContain('verify OK');
    expect(openssl('verify', '-crl_check', '-CAfile', 'root.pem', '-CRLfile', 'list.pem', 'leaf.pem')).toContain('OK');
    expect(openssl('x509', '-in', 'leaf.pem', '-noout', '-ext', 'subjectAltName')).toContain('DNS:leaf.example');
    expect(parseCertificate(leafBytes).publicKey).toEqual(publicKey);
  });
});

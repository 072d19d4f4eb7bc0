/** What our authorities sign, looked at by OpenSSL: chains, revocation lists, and answers over OCSP. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { oursInProcess } from '../targets/ours.ts';
import type { Running } from '../targets/target.ts';
import { Side } from './side.ts';

const run = promisify(execFile);
let folder: string;
let running: Running;
let side: Side;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pki-'));
  const target = oursInProcess();
  running = await target.start('dev');
  side = new Side(target.name, running);
}, 60_000);
afterAll(async () => {
  await side.stop();
  await rm(folder, { recursive: true });
});

afterEach(async () => {
  for (const mount of ['root', 'pki']) await side.call('DELETE', `sys/mounts/${mount}`);
});

/** What it says, complaints first, whether it succeeds or not. */
async function openssl(...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run('openssl', args, { cwd: folder });
    return stderr + stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stderr + stdout;
  }
}

const file = (name: string, text: unknown): Promise<void> => writeFile(join(folder, name), text as string);

/** A root that signs an intermediate that signs a leaf; their certificates become files. */
async function authorities(
  type: string,
  bits: number,
  more: Record<string, unknown> = {},
): Promise<{ serial: string }> {
  for (const mount of ['root', 'pki']) await side.call('POST', `sys/mounts/${mount}`, { type: 'pki' });
  const key = { key_type: type, key_bits: bits, ...more };
  const root = await side.call('POST', 'root/root/generate/internal', { common_name: 'Root', ttl: '700h', ...key });
  const { csr } = await side.call('POST', 'pki/intermediate/generate/internal', { common_name: 'Between', ...key });
  const signed = await side.call('POST', 'root/root/sign-intermediate', { csr, common_name: 'Between', ttl: '600h' });
  await side.call('POST', 'pki/intermediate/set-signed', { certificate: signed['certificate'] });
  await side.call('POST', 'pki/roles/r', { allow_any_name: true, ttl: '1h', ...key });
  const leaf = await side.call('POST', 'pki/issue/r', { common_name: 'a.example.com', ip_sans: '127.0.0.1' });
  await file('root.pem', root['certificate']);
  await file('between.pem', signed['certificate']);
  await file('leaf.pem', leaf['certificate']);
  await file('leaf.key', leaf['private_key']);
  return { serial: leaf['serial_number'] as string };
}

const lists = async (): Promise<void> => {
  const texts = await Promise.all(['root', 'pki'].map((mount) => side.call('GET', `${mount}/cert/crl`)));
  await file('crls.pem', texts.map((data) => data['certificate'] as string).join('\n'));
};

test.each([
  ['rsa', 2048, {}],
  ['rsa', 3072, { use_pss: true, signature_bits: 384 }],
  ['ec', 224, {}],
  ['ec', 256, {}],
  ['ec', 384, {}],
  ['ec', 521, {}],
  ['ed25519', 0, {}],
])(
  'chains, lists and answers of %s-%i authorities are good to OpenSSL',
  async (type, bits, more) => {
    const { serial } = await authorities(type, bits, more);
    const verify = ['verify', '-x509_strict', '-CAfile', 'root.pem', '-untrusted', 'between.pem'];
    const checked = [...verify, '-crl_check_all', '-CRLfile', 'crls.pem', 'leaf.pem'];
    const asked = ['ocsp', '-issuer', 'between.pem', '-cert', 'leaf.pem', '-CAfile', 'root.pem', '-verify_other'];
    const ocsp = [...asked, 'between.pem', '-url', `${running.addresses[0]!}/v1/pki/ocsp`];
    await lists();
    expect(await openssl(...verify, '-verify_hostname', 'a.example.com', 'leaf.pem')).toContain('leaf.pem: OK');
    expect(await openssl(...verify, '-verify_ip', '127.0.0.1', 'leaf.pem')).toContain('leaf.pem: OK');
    expect(await openssl(...checked)).toContain('leaf.pem: OK');
    if (type !== 'ed25519') expect(await openssl(...ocsp)).toMatch(/Response verify OK[^]*leaf\.pem: good/);
    await side.call('POST', 'pki/revoke', { serial_number: serial });
    await lists();
    expect(await openssl(...checked)).toContain('certificate revoked');
    if (type !== 'ed25519') expect(await openssl(...ocsp)).toMatch(/Response verify OK[^]*leaf\.pem: revoked/);
  },
  60_000,
);

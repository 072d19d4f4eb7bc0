/** A real client of ACME, lego, before our authority: it proves names over HTTP, TLS and DNS on this machine. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DnsServer } from '../acme/dns-server.ts';
import { listening } from '../fixtures/listening.ts';
import { installPackages } from '../fixtures/packages.ts';
import { Missing } from '../missing.ts';
import { oursInProcess } from '../targets/ours.ts';
import { orSkipped, Side } from './side.ts';

const LEGO = '/usr/bin/lego';

let folder = '';
let ours: Side;
let mount = '';

beforeAll(
  () =>
    orSkipped(async () => {
      const there = await access(LEGO).then(
        () => true,
        () => false,
      );
      if (process.getuid?.() !== 0) throw new Missing('only root may listen on ports 80 and 443');
      if (!there) await installPackages('lego', ['lego']);
      folder = await mkdtemp(join(tmpdir(), 'steamer-acme-'));
      const running = await oursInProcess().start('dev');
      ours = new Side('ours', running);
      mount = `${running.addresses[0]!}/v1/pki`;
      await ours.call('POST', 'sys/mounts/pki', { type: 'pki' });
      // What clients of ACME need to see in answers.
      await ours.call('POST', 'sys/mounts/pki/tune', {
        passthrough_request_headers: ['If-Modified-Since'],
        allowed_response_headers: ['Last-Modified', 'Location', 'Replay-Nonce', 'Link'],
      });
      await ours.call('POST', 'pki/root/generate/internal', { common_name: 'Root', key_type: 'ec', ttl: '8760h' });
      await ours.call('POST', 'pki/config/cluster', { path: mount });
      await ours.call('POST', 'pki/roles/web', { allow_localhost: true, key_type: 'any', ttl: '24h' });
      await ours.call('POST', 'pki/config/acme', {
        enabled: true,
        allowed_roles: ['web'],
        default_directory_policy: 'forbid',
      });
    }),
  300_000,
);

afterAll(async () => {
  await ours?.stop();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

/** What it printed, whether it got what it wanted or not. */
const lego = (directory: string, home: string, ...words: string[]) =>
  legoBy(['--http', '--http.port', '127.0.0.1:80', '--domains', 'localhost'], {}, directory, home, ...words);

function legoBy(
  proof: string[],
  variables: Record<string, string>,
  directory: string,
  home: string,
  ...words: string[]
): Promise<{ ok: boolean; printed: string }> {
  const options = ['--server', `${mount}/${directory}`, '--path', join(folder, home), '--email', 'me@example.com'];
  const env = { ...process.env, ...variables };
  return new Promise((resolve) => {
    execFile(LEGO, [...options, '--accept-tos', ...proof, ...words], { timeout: 60_000, env }, (error, out, problems) =>
      resolve({ ok: error === null, printed: out + problems }),
    );
  });
}

const issued = async (home: string, name = 'localhost'): Promise<X509Certificate> =>
  new X509Certificate(await readFile(join(folder, home, 'certificates', `${name}.crt`)));

/** What OpenSSL says of a certificate that lego got. */
async function verified(home: string, name: string): Promise<string> {
  const { certificate: root } = await ours.call('GET', 'pki/cert/ca');
  await writeFile(join(folder, 'root.pem'), root as string);
  const file = join(folder, home, 'certificates', `${name}.crt`);
  const { stdout } = await promisify(execFile)('openssl', ['verify', '-CAfile', join(folder, 'root.pem'), file]);
  return stdout.replace(file, 'it').trim();
}

test('a certificate is had, renewed and revoked', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  const first = await lego('roles/web/acme/directory', 'one', 'run');
  expect(first.ok, first.printed).toBe(true);
  const certificate = await issued('one');
  expect(certificate.subjectAltName).toBe('DNS:localhost');
  const { certificate: root } = await ours.call('GET', 'pki/cert/ca');
  expect(certificate.verify(new X509Certificate(root as string).publicKey)).toBe(true);

  const again = await lego('roles/web/acme/directory', 'one', 'renew', '--days', '400', '--no-random-sleep');
  expect(again.ok, again.printed).toBe(true);
  const next = await issued('one');
  expect(next.serialNumber).not.toBe(certificate.serialNumber);

  const revoked = await lego('roles/web/acme/directory', 'one', 'revoke');
  expect(revoked.ok, revoked.printed).toBe(true);
  const serial = next.serialNumber.toLowerCase().match(/../g)!.join(':');
  expect((await ours.call('GET', `pki/cert/${serial}`))['revocation_time']).toBeGreaterThan(0);
}, 120_000);

test('nobody has an account without a binding where one is needed, nor two by the same', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  await ours.call('POST', 'pki/config/acme', { eab_policy: 'always-required' });
  const without = await lego('roles/web/acme/directory', 'two', 'run');
  expect(without.ok).toBe(false);
  const { id, key } = await ours.call('POST', 'pki/roles/web/acme/new-eab');
  const binding = ['--eab', '--kid', id as string, '--hmac', key as string];
  const bound = await lego('roles/web/acme/directory', 'two', ...binding, 'run');
  expect(bound.ok, bound.printed).toBe(true);
  const reused = await lego('roles/web/acme/directory', 'three', ...binding, 'run');
  expect(reused.ok).toBe(false);
  expect(reused.printed).toContain('unauthorized');
}, 120_000);

test('a name that its role does not allow, and a directory that is closed', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  await ours.call('POST', 'pki/config/acme', { eab_policy: 'not-required' });
  const other = await lego('roles/web/acme/directory', 'four', '--domains', 'example.org', 'run');
  expect(other.ok).toBe(false);
  expect(other.printed).toContain('rejectedIdentifier');
  expect((await lego('acme/directory', 'five', 'run')).ok).toBe(false);
}, 120_000);

test('a name is proved by a certificate that is shown over TLS', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  const proof = ['--tls', '--tls.port', '127.0.0.1:443', '--domains', 'localhost'];
  const had = await legoBy(proof, {}, 'roles/web/acme/directory', 'six', 'run');
  expect(had.ok, had.printed).toBe(true);
  expect(had.printed).toContain('tls-alpn-01');
  expect(await verified('six', 'localhost')).toBe('it: OK');
}, 120_000);

test('a wildcard is proved by a record of the DNS, asked of the server that we are told of', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  const dns = await DnsServer.start('127.0.0.1');
  // lego tells this one what to put into the DNS.
  const records = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { fqdn, value } = JSON.parse(body) as { fqdn: string; value: string };
      dns.texts.set(fqdn.replace(/\.$/, ''), [value]);
      response.end('{}');
    });
  });
  const { port, end } = await listening(records);
  try {
    await ours.call('POST', 'pki/roles/wild', {
      allowed_domains: ['example.test'],
      allow_subdomains: true,
      key_type: 'any',
    });
    await ours.call('POST', 'pki/config/acme', {
      allowed_roles: ['web', 'wild'],
      dns_resolver: `127.0.0.1:${dns.port}`,
    });
    const proof = ['--dns', 'httpreq', '--dns.disable-cp', '--dns.resolvers', `127.0.0.1:${dns.port}`];
    const endpoint = `http://127.0.0.1:${port}`;
    const names = ['--domains', '*.example.test', '--domains', 'www.a.example.test'];
    const variables = { HTTPREQ_ENDPOINT: endpoint };
    const had = await legoBy([...proof, ...names], variables, 'roles/wild/acme/directory', 'seven', 'run');
    expect(had.ok, had.printed).toBe(true);
    const certificate = await issued('seven', '_.example.test');
    expect(certificate.subjectAltName).toBe('DNS:*.example.test, DNS:www.a.example.test');
    expect(await verified('seven', '_.example.test')).toBe('it: OK');
  } finally {
    await end();
    await dns.stop();
  }
}, 120_000);

/** What we sign, before OpenSSH: sshd lets users in with it, ssh believes hosts with it, and ssh-keygen reads it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackages } from '../fixtures/packages.ts';
import { freePort } from '../program.ts';
import { oursInProcess } from '../targets/ours.ts';
import { orSkipped, Side, type Data } from './side.ts';

const run = promisify(execFile);
const SSHD = '/usr/sbin/sshd';
const HOST = 'host.example.com';
const ME = userInfo().username;

let folder = '';
let ours: Side;
let port = 0;
let daemon: ChildProcess | undefined;
let printed = '';

const file = (name: string): string => join(folder, name);
const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

beforeAll(
  () =>
    orSkipped(async () => {
      if (!(await there(SSHD))) await installPackages('an OpenSSH server', ['openssh-server', 'openssh-client']);
      folder = await mkdtemp(join(tmpdir(), 'steamer-ssh-'));
      ours = new Side('ours', await oursInProcess().start('dev'));
      await ours.call('POST', 'sys/mounts/ssh', { type: 'ssh' });
      await ours.call('POST', 'ssh/roles/users', {
        key_type: 'ca',
        allow_user_certificates: true,
        allowed_users: '*',
        default_extensions: { 'permit-pty': '' },
        allow_user_key_ids: true,
      });
      await ours.call('POST', 'ssh/roles/hosts', {
        key_type: 'ca',
        allow_host_certificates: true,
        allowed_domains: 'example.com',
        allow_subdomains: true,
      });
    }),
  300_000,
);

afterAll(async () => {
  await stopDaemon();
  await ours?.stop();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

async function stopDaemon(): Promise<void> {
  const child = daemon;
  daemon = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await gone;
}

/** A daemon that trusts the present issuer's users, and shows a certificate of its own. */
async function startDaemon(authority: string): Promise<void> {
  await stopDaemon();
  for (const name of ['host', 'host.pub', 'host-cert.pub']) await rm(file(name), { force: true });
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('host')]);
  const public_key = await readFile(file('host.pub'), 'utf8');
  const { signed_key } = await ours.call('POST', 'ssh/sign/hosts', {
    public_key,
    cert_type: 'host',
    valid_principals: HOST,
  });
  await writeFile(file('host-cert.pub'), signed_key as string);
  await writeFile(file('users-ca.pub'), authority);
  await writeFile(file('known'), `@cert-authority *.example.com ${authority}`);
  port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host')}`,
    `HostCertificate ${file('host-cert.pub')}`,
    `TrustedUserCAKeys ${file('users-ca.pub')}`,
    'AuthorizedKeysFile none',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'StrictModes no',
    'PidFile none',
  ];
  await writeFile(file('sshd_config'), `${lines.join('\n')}\n`);
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  printed = '';
  daemon = spawn(SSHD, ['-D', '-e', '-f', file('sshd_config')], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [daemon.stdout!, daemon.stderr!])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await answering();
}

async function answering(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    // sshd says nothing when it listens: ask again.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`sshd does not listen:\n${printed}`);
}

/** What the command printed as this user, or why there was no way in. */
async function login(issued: Data, command = 'echo in', alias = HOST): Promise<string> {
  await writeFile(file('user'), issued['private_key'] as string, { mode: 0o600 });
  await writeFile(file('user-cert.pub'), issued['signed_key'] as string);
  const options = [
    `Port=${port}`,
    `IdentityFile=${file('user')}`,
    `CertificateFile=${file('user-cert.pub')}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${file('known')}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${alias}`,
  ];
  const words = ['-F', 'none', ...options.flatMap((option) => ['-o', option]), `${ME}@127.0.0.1`, command];
  try {
    return (await run('ssh', words, { timeout: 20_000 })).stdout.trim();
  } catch (error) {
    return (error as { stderr?: string }).stderr?.trim() ?? String(error);
  }
}

const issue = (body: Data): Promise<Data> => ours.call('POST', 'ssh/issue/users', { key_type: 'ed25519', ...body });

const AUTHORITIES: readonly Data[] = [
  { key_type: 'ed25519' },
  { key_type: 'ec' },
  { key_type: 'ec', key_bits: 384 },
  { key_type: 'ec', key_bits: 521 },
  { key_type: 'rsa', key_bits: 2048 },
  { key_type: 'rsa' },
];
const USERS: readonly Data[] = [
  { key_type: 'ed25519' },
  { key_type: 'ec' },
  { key_type: 'ec', key_bits: 521 },
  { key_type: 'rsa', key_bits: 2048 },
];

test.for(AUTHORITIES)('sshd and ssh believe an authority of %o', async (body, context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  const { public_key } = await ours.call('POST', 'ssh/config/ca', body);
  await startDaemon(public_key as string);
  for (const user of USERS) {
    const issued = await issue({ ...user, valid_principals: ME });
    expect(await login(issued), `${JSON.stringify(user)}\n${printed}`).toBe('in');
  }
  expect(await login(await issue({ valid_principals: ME }), 'echo in', 'host.example.org')).toContain(
    'Host key verification failed',
  );
});

test('sshd refuses who is not named, comes too late, or has the word of somebody else', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  const { public_key } = await ours.call('POST', 'ssh/config/ca', { key_type: 'ed25519' });
  await startDaemon(public_key as string);
  expect(await login(await issue({ valid_principals: ME }))).toBe('in');
  expect(await login(await issue({ valid_principals: 'somebody' }))).toContain('Permission denied');
  const short = await issue({ valid_principals: ME, ttl: '1s' });
  // sshd has the machine's clock: a certificate of one second has to be outlived for real.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await login(short)).toContain('Permission denied');
  const limited = { critical_options: { 'source-address': '10.0.0.0/8' } };
  expect(await login(await issue({ valid_principals: ME, ...limited }))).toContain('Permission denied');
  const forced = { critical_options: { 'force-command': 'echo forced' } };
  expect(await login(await issue({ valid_principals: ME, ...forced }))).toBe('forced');
  await ours.call('POST', 'ssh/issuers/import/other', { key_type: 'ed25519' });
  await ours.call('POST', 'ssh/config/issuers', { default: 'other' });
  expect(await login(await issue({ valid_principals: ME }))).toContain('Permission denied');
});

test('ssh-keygen reads a certificate as it was asked for', async (context) => {
  // `orSkipped` has printed why.
  if (folder === '') return context.skip();
  await ours.call('POST', 'ssh/config/ca', { key_type: 'rsa', key_bits: 2048 });
  const body = { valid_principals: 'b,a', key_id: 'the key', ttl: '1h', critical_options: { 'force-command': 'x' } };
  const { signed_key, serial_number } = await issue(body);
  await writeFile(file('read-cert.pub'), signed_key as string);
  const { stdout } = await run('ssh-keygen', ['-L', '-f', file('read-cert.pub')]);
  expect(stdout).toContain('Type: ssh-ed25519-cert-v01@openssh.com user certificate');
  expect(stdout).toContain('Key ID: "the key"');
  expect(stdout).toContain(`Serial: ${BigInt(`0x${serial_number as string}`)}`);
  expect(stdout).toMatch(/Signing CA: RSA SHA256:\S+ \(using rsa-sha2-256\)/);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'Principals: a b Critical Options: force-command x Extensions: permit-pty',
  );
});

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { hostLog } from './log.ts';
import { sanitized } from './sanitized.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';

let folder: string;
let server: RunningServer | undefined;
const failed = (error: unknown): void => {
  throw error;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steamer-settings-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function start(hcl: string): Promise<RunningServer> {
  const { configuration } = parseConfiguration(`storage "inmem" {}\n${hcl}`, '');
  const log = hostLog({ level: 'error', format: 'standard', print: () => undefined, now: Date.now });
  const dev = { rootToken: 'root', kvVersion: 0 } as const;
  server = await startServer({ configuration, log, failed, dev, sanitized: sanitized(configuration, false) });
  return server;
}

interface Got {
  readonly status: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function get(listener: number, path: string, headers: Record<string, string> = {}, body = ''): Promise<Got> {
  const { address } = server!.listeners[listener]!;
  const [host, port] = address.split(':');
  const where = address.startsWith('/') ? { socketPath: address } : { host: host!, port: Number(port) };
  return new Promise((resolve, reject) => {
    const all = { Connection: 'close', 'X-Vault-Token': 'root', ...headers };
    const sent = request(
      { ...where, path: `/v1/${path}`, method: body === '' ? 'GET' : 'PUT', headers: all },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => {
          resolve({
            status: `${answer.statusCode} ${answer.statusMessage}`,
            headers: answer.headers,
            body: text.trim(),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const tcp = (settings = ''): string => `listener "tcp" { address = "127.0.0.1:0" tls_disable = true ${settings} }\n`;

test('a listener adds the headers of its configuration, the most special last', async () => {
  await start(
    tcp(`custom_response_headers {
      "default" = { "x-all" = ["a", "b"] "x-vault-own" = ["v"] "Strict-Transport-Security" = ["max-age=1"] }
      "200" = { "X-All" = ["c"] }
      "4xx" = { "X-Four" = ["4"] }
      "404" = { "X-404" = ["x"] }
    }`),
  );
  expect((await get(0, 'sys/init')).headers).toMatchObject({ 'x-all': 'c', 'strict-transport-security': 'max-age=1' });
  expect((await get(0, 'sys/init')).headers).not.toHaveProperty('x-vault-own');
  expect((await get(0, 'cubbyhole/a')).headers).toMatchObject({ 'x-all': 'a; b', 'x-four': '4', 'x-404': 'x' });
});

test('each listener has its own limits', async () => {
  await start(tcp() + tcp('max_request_size = 100 max_request_json_strings = 3'));
  const long = JSON.stringify({ a: 'x'.repeat(200) });
  expect((await get(0, 'cubbyhole/a', {}, long)).status).toBe('204 No Content');
  expect((await get(1, 'cubbyhole/a', {}, long)).status).toBe('413 Request Entity Too Large');
  expect((await get(1, 'cubbyhole/a', {}, '{"a":"b","c":"d"}')).body).toContain('exceeded maximum number of strings');
});

test('a trusted proxy says who the client is', async () => {
  await start(
    tcp('x_forwarded_for_authorized_addrs = "127.0.0.0/8" x_forwarded_for_hop_skips = 1') +
      tcp('x_forwarded_for_authorized_addrs = "10.0.0.1" x_forwarded_for_reject_not_authorized = true') +
      tcp('x_forwarded_for_authorized_addrs = "127.0.0.1" x_forwarded_for_reject_not_present = true'),
  );
  const bound = await get(0, 'auth/token/create', {}, '{"policies":["root"]}');
  expect(bound.status).toBe('200 OK');
  expect((await get(0, 'sys/init', { 'X-Forwarded-For': '1.2.3.4' })).body).toBe(
    '{"errors":["malformed x-forwarded-for configuration or request, hops to skip (1) would skip before earliest chain link (chain length 1)"]}',
  );
  expect((await get(0, 'sys/init', { 'X-Forwarded-For': '1.2.3.4, 5.6.7.8' })).status).toBe('200 OK');
  expect((await get(1, 'sys/init', { 'X-Forwarded-For': '1.2.3.4' })).status).toBe('400 Bad Request');
  expect((await get(2, 'sys/init')).body).toContain('missing x-forwarded-for header');
});

test('a socket of the file system answers, and the configuration is shown as it was written', async () => {
  const path = join(folder, 'socket');
  await start(
    `listener "unix" { address = "${path}" socket_mode = "600" }\ndefault_lease_ttl = "1h"\nmax_lease_ttl = "48h"`,
  );
  const { body } = await get(0, 'sys/config/state/sanitized');
  expect(JSON.parse(body)).toMatchObject({
    data: { listeners: [{ config: { address: path, socket_mode: '600' }, type: 'unix' }], max_lease_ttl: 172_800 },
  });
});

test('the user interface is a page of its own where it is switched on', async () => {
  await start(`${tcp()}ui = true`);
  expect(await get(0, '../')).toMatchObject({ status: '307 Temporary Redirect', headers: { location: '/' } });
  const { status, headers, body } = await get(0, '../ui/');
  expect(status).toBe('307 Temporary Redirect');
  expect(headers).toMatchObject({ location: '/ui/' });
  expect(body).toContain('/ui/');
  const page = await fetch(`http://${server!.listeners[0]!.address}/ui/`);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; connect-src 'self'/);
  expect(await page.text()).toContain('<script src="/ui/app.js"></script>');
  expect(await (await fetch(`http://${server!.listeners[0]!.address}/robots.txt`)).text()).toContain('Disallow: /');
});

function makeCertificate(name: string): void {
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...files, '-subj', `/CN=${name}`], { stdio: 'ignore' });
}

function commonName(): Promise<unknown> {
  const port = Number(server!.listeners[0]!.address.split(':')[1]);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('a reload takes the new certificate and begins a new audit file', async () => {
  makeCertificate('first');
  const log = join(folder, 'audit.log');
  await start(`listener "tcp" {
    address = "127.0.0.1:0"
    tls_cert_file = "${join(folder, 'cert.pem')}"
    tls_key_file = "${join(folder, 'key.pem')}"
  }
  audit "file" "to-file" { options { file_path = "${log}" } }`);
  expect(await commonName()).toBe('first');
  makeCertificate('second');
  await rename(log, `${log}.1`);
  await server!.reload();
  expect(await commonName()).toBe('second');
  expect(await readFile(log, 'utf8')).toBe('');
});

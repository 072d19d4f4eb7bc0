import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { connect as connectPlain, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { parseConfiguration } from '../../core/server/configuration/configuration.ts';
import { hostLog } from '../log.ts';
import { listenWith } from '../listening.ts';
import type { OpenListener } from '../listening.ts';
import { Authority } from './authority.fixture.ts';
import { AcmeChallenges, alpnName } from './challenges.ts';
import { readClientHello } from './client-hello.ts';

let folder: string;
let authority: Authority;
let ports: { httpPort: number; tlsPort: number };
let lines: string[];
const opened: OpenListener[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steamer-acme-'));
  ports = { httpPort: await freePort(), tlsPort: await freePort() };
  authority = await Authority.start(ports);
  lines = [];
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((listener) => listener.close()));
  authority.close();
  await rm(folder, { recursive: true, force: true });
});

const stanzaOf = (more: string): string => `listener "tcp" {
    address = "127.0.0.1:0"
    tls_acme_ca_directory = "${authority.directory}"
    tls_acme_cache_path = "${folder}/cache"
    tls_acme_challenge_host = "127.0.0.1"
    tls_acme_http_challenge_port = ${ports.httpPort}
    tls_acme_alpn_challenge_port = ${ports.tlsPort}
    ${more}
  }`;

const listening = (more = ''): Promise<OpenListener> => opening(stanzaOf(more));

const quiet = hostLog({ level: 'error', format: 'standard', print: () => undefined, now: () => 0 });

async function opening(text: string, shared?: AcmeChallenges): Promise<OpenListener> {
  const [stanza] = parseConfiguration(text, 'acme.hcl').configuration.listeners;
  const log = hostLog({ level: 'info', format: 'standard', print: (line) => lines.push(line.slice(25)), now: () => 0 });
  const answer = { status: 200, headers: [], body: encodeUtf8('hello') };
  const listener = await listenWith(() => Promise.resolve(answer), stanza!, log, {
    failed: (error) => {
      throw error;
    },
    challenges: shared ?? new AcmeChallenges(log),
  });
  opened.push(listener);
  return listener;
}

interface Seen {
  readonly error?: string;
  readonly names?: string | undefined;
  readonly serial?: string;
  readonly kind?: string | undefined;
}

/** What a client is shown; '' names nobody. */
function shaken({ address }: OpenListener, servername = 'localhost'): Promise<Seen> {
  return new Promise((resolve) => {
    const [host, port] = address.split(':') as [string, string];
    const socket = connect({
      host,
      port: Number(port),
      ca: authority.pem,
      ...(servername === '' ? {} : { servername }),
      checkServerIdentity: () => undefined,
    });
    socket.on('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()!;
      resolve({
        names: shown.subjectAltName,
        serial: shown.serialNumber,
        kind: shown.publicKey.asymmetricKeyDetails?.namedCurve ?? shown.publicKey.asymmetricKeyType,
      });
      socket.destroy();
    });
    socket.on('error', (error) => resolve({ error: 'code' in error ? String(error.code) : error.message }));
  });
}

const issuer = (): string => authority.directory.replace('http://', '').replace(':', '-').replaceAll('/', '-');

describe('a listener with an authority', () => {
  test('asks when the first client comes, proves the name over HTTP, and serves all with what it got', async () => {
    const listener = await listening();
    expect(authority.asked).toEqual([]);
    const [first, second] = await Promise.all([shaken(listener), shaken(listener)]);
    expect(first).toMatchObject({ names: 'DNS:localhost', kind: 'prime256v1' });
    expect(second).toEqual(first);
    expect(authority.asked.filter((what) => what === 'order')).toHaveLength(1);
    expect(lines.some((line) => line.includes('challenge_type=http-01'))).toBe(true);
    expect(lines.at(-1)).toBe('[INFO]  listener-acme.obtain: releasing lock: identifier=localhost');
    expect((await readdir(join(folder, 'cache/certificates', issuer(), 'localhost'))).sort()).toEqual([
      'localhost.crt',
      'localhost.json',
      'localhost.key',
    ]);
  });

  test('proves it in a handshake where HTTP is switched off, with the keys that are wished for', async () => {
    const listener = await listening('tls_acme_disable_http_challenge = true\ntls_acme_key_type = "ed25519"');
    expect(await shaken(listener)).toMatchObject({ names: 'DNS:localhost', kind: 'ed25519' });
    expect(lines.some((line) => line.includes('served key authentication certificate: server_name=localhost'))).toBe(
      true,
    );
    const key = await readFile(join(folder, 'cache/certificates', issuer(), 'localhost/localhost.key'), 'utf8');
    expect(key).toMatch(/^-----BEGIN ED25519 PRIVATE KEY-----/);
  });

  test('tries the other way where one leads nowhere', async () => {
    const blocked = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => blocked.listen(ports.httpPort, '127.0.0.1', resolve));
    expect(await shaken(await listening())).toMatchObject({ names: 'DNS:localhost' });
    expect(authority.asked.filter((what) => what === 'challenge')).toHaveLength(2);
    blocked.close();
  });

  test('asks for the address where nobody is named', async () => {
    await shaken(await listening(), '');
    const place = join(folder, 'cache/certificates', issuer(), '127.0.0.1/127.0.0.1.json');
    expect(JSON.parse(await readFile(place, 'utf8'))).toMatchObject({ sans: ['127.0.0.1'] });
  });

  test('takes what it has in its folder when it starts again, and asks nobody', async () => {
    const before = await shaken(await listening());
    authority.asked.length = 0;
    expect(await shaken(await listening())).toEqual(before);
    expect(authority.asked).toEqual([]);
  });

  test('asks for no other names than those it may have, whatever is in the folder', async () => {
    await shaken(await listening());
    const listener = await listening('tls_acme_domains = ["Other.Example"]');
    expect(await shaken(listener)).toEqual({ error: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR' });
    expect(lines.at(-1)).toMatch(
      /^\[INFO\]  http: TLS handshake error from 127\.0\.0\.1:\d+: certificate is not allowed for server name localhost: decision func: domain not allowed in tls_acme_domains$/,
    );
    expect(await shaken(listener, 'other.example')).toMatchObject({ names: 'DNS:other.example' });
    expect(await shaken(listener, 'a_b')).toEqual({ error: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR' });
    expect(lines.at(-1)).toContain('idna: disallowed rune U+005F');
  });

  test('renews what is in its last third, and serves it until there is another', async () => {
    authority.lifetime = [3, 1];
    const old = await shaken(await listening());
    authority.lifetime = [1, 24];
    const listener = await listening();
    expect(await shaken(listener)).toEqual(old);
    await expect.poll(() => lines.some((line) => line.includes('certificate renewed successfully'))).toBe(true);
    expect((await shaken(listener)).serial).not.toBe(old.serial);
  });

  test('lets nobody see what has ended', async () => {
    authority.lifetime = [3, -1];
    await shaken(await listening());
    authority.lifetime = [1, 24];
    expect(await shaken(await listening())).toMatchObject({ names: 'DNS:localhost' });
  });

  test('tells why it gets none, and lets the client wait', async () => {
    authority.refusal = { type: 'urn:ietf:params:acme:error:rejectedIdentifier', detail: 'not this one' };
    const listener = await listening();
    void shaken(listener);
    await expect
      .poll(() => lines.at(-1) ?? '')
      .toMatch(
        /^\[ERROR\] listener-acme\.obtain: will retry: error="\[localhost\] Obtain: \[localhost\] creating new order: attempt 1: http:\S+\/order: HTTP 403 urn:ietf:params:acme:error:rejectedIdentifier - not this one \(ca=http:\S+\)" attempt=1 retrying_in=1m0s elapsed=\S+ max_duration=720h0m0s$/,
      );
  });

  test('makes one account, with the address and the binding that are wished for', async () => {
    const eab = 'tls_acme_eab_key_id = "kid"\ntls_acme_eab_mac_key = "bWFj"';
    const listener = await listening(`tls_acme_email = "A@b.example"\n${eab}`);
    await shaken(listener);
    await shaken(listener, 'other');
    expect(authority.accounts).toHaveLength(1);
    const [{ contact, externalAccountBinding: binding }] = authority.accounts as [Record<string, unknown>];
    expect(contact).toEqual(['mailto:a@b.example']);
    const { protected: head = '' } = binding as Record<string, string>;
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ alg: 'HS256', kid: 'kid' });
    const place = join(folder, 'cache/acme', issuer(), 'users/a@b.example/a.json');
    expect(await readFile(place, 'utf8')).toMatch(/^\{\n\t"status": "valid",\n\t"contact": \[/);
  });

  test('proves names on a listener that has the port, too', async () => {
    const challenges = new AcmeChallenges(quiet);
    const [host, port] = ['127.0.0.1', ports.httpPort];
    await opening(`listener "tcp" { address = "${host}:${port}" tls_disable = true }`, challenges);
    const secure = await opening(stanzaOf('tls_acme_disable_alpn_challenge = true'), challenges);
    expect(await shaken(secure)).toMatchObject({ names: 'DNS:localhost' });
    const body = async (path: string): Promise<string> => (await fetch(`http://${host}:${port}${path}`)).text();
    expect(await body('/.well-known/acme-challenge/token')).toBe('hello');
  });

  test('tells who speaks no TLS so', async () => {
    const { address } = await listening();
    const [host, port] = address.split(':') as [string, string];
    const said = await new Promise((resolve) => {
      const socket = connectPlain(Number(port), host, () => socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'));
      socket.once('data', (bytes) => resolve(bytes.toString()));
    });
    expect(said).toContain('Client sent an HTTP request to an HTTPS server.\n');
  });

  test.each([
    [
      'tls_acme_key_type = "foo"',
      'unknown value for tls_acme_key_type (`foo`); allowed values are `ed25519`, `p256`, `p384`, `rsa2048`, `rsa4096`, `rsa8192`',
    ],
    ['tls_acme_ca_root = "/nothere"', 'failed to read ACME CA file: open /nothere: no such file or directory'],
    ['tls_acme_ca_root = "/dev/null"', 'failed to parse ACME CA certificate'],
  ])('%s is refused', async (more, why) => {
    await expect(listening(more)).rejects.toThrow(`Error initializing listener of type tcp: ${why}`);
  });
});

test.each(['', '{"token":"t",', 'null', '[]', '{"token":1,"keyAuthorization":"x"}'])(
  'a file of others that says %j proves nothing',
  async (text) => {
    const challenges = new AcmeChallenges(quiet);
    challenges.share(() => Promise.resolve(text));
    const asked = { path: '/.well-known/acme-challenge/t', host: 'h', remote: '127.0.0.1:1', agent: '' };
    expect(await challenges.answer(asked)).toBe(undefined);
  },
);

test('addresses are proved by their names of reverse lookups', () => {
  expect(alpnName('192.0.2.5')).toBe('5.2.0.192.in-addr.arpa');
  expect(alpnName('2001:db8::1')).toMatch(/^1\.0\.0\..*\.8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa$/);
  expect(alpnName('Local.Host')).toBe('local.host');
});

test('what is no hello of TLS is none, and one that is cut off may become one', () => {
  expect(readClientHello(Buffer.from('GET / HTTP/1.1'))).toBe('none');
  expect(readClientHello(Buffer.from([22, 3, 1, 0, 5, 1]))).toBe('more');
  expect(readClientHello(Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 3]))).toBe('none');
  expect(readClientHello(Buffer.from([22, 3, 1, 0, 1, 2]))).toBe('none');
});

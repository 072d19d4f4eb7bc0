/** Listeners whose certificates come from an ACME authority, ours and the real server's, each with an authority of its own. */
import { readFile, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Authority } from '../../host/acme/authority.fixture.ts';
import { type BesideServer, same, until } from './beside.ts';

const WAIT = 40_000;

const withAuthority = (more: string, directory: string): string => `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:@P0"
  tls_acme_ca_directory = "${directory}"
  tls_acme_cache_path = "@DIR/cache"
  tls_acme_challenge_host = "127.0.0.1"
  tls_acme_http_challenge_port = @P1
  tls_acme_alpn_challenge_port = @P2
  ${more}
}
api_addr = "https://127.0.0.1:@P0"
`;

interface Stage {
  readonly server: BesideServer;
  readonly authority: Authority;
  /** What a client sees: names and kind of key, or why there is no connection. '' names nobody. */
  readonly shake: (name?: string) => Promise<string>;
  /** Lines of the log about certificates; what differs from authority to authority is left out. */
  readonly lines: () => string[];
}

async function played<T>(server: BesideServer, more: string, play: (stage: Stage) => Promise<T>): Promise<T> {
  const authority = await Authority.start({ httpPort: server.ports[1]!, tlsPort: server.ports[2]! });
  try {
    await server.configure(withAuthority(more, authority.directory));
    await server.start();
    return await play({
      server,
      authority,
      shake: (name = 'localhost') => shaken(server.ports[0]!, name, authority.pem),
      lines: () =>
        server
          .lines(/listener-acme|handshake error/)
          // It comes when it comes.
          .filter(
            (line) => !line.includes('maintenance') && !line.endsWith(': EOF') && !/^\[(?:DEBUG|TRACE)/.test(line),
          )
          .map((line) =>
            line
              .replaceAll(/127\.0\.0\.1-\d+/g, 'ADDRESS')
              .replaceAll(/(elapsed|remaining)=\S+/g, '$1=…')
              .replace(/ problem=\[.*subproblems=\[\]"?\]/, ''),
          ),
    });
  } finally {
    authority.close();
  }
}

function shaken(port: number, name: string, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca,
      ...(name === '' ? {} : { servername: name }),
      checkServerIdentity: () => undefined,
    });
    socket.on('secureConnect', () => {
      const { subjectAltName, publicKey, subject } = socket.getPeerX509Certificate()!;
      const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
      resolve([subjectAltName, subject, publicKey.asymmetricKeyType, namedCurve ?? modulusLength].join(' '));
      socket.destroy();
    });
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });
}

/** Files with what is in them, but for keys and certificates. */
async function files(folder: string): Promise<string[]> {
  const found = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const told = found.map(async ({ parentPath, name }) => {
    const text = await readFile(join(parentPath, name), 'utf8');
    const shown = name.endsWith('.json') ? text : (/^-----BEGIN .*$/m.exec(text)?.[0] ?? '');
    const masked = shown.replaceAll(/("(?:protected|payload|signature)": )".*?"/g, '$1…');
    return `${parentPath.slice(folder.length)}/${name}\n${masked}`.replaceAll(/127\.0\.0\.1[:-]\d+/g, 'ADDRESS');
  });
  return (await Promise.all(told)).sort();
}

const HTTP = 'tls_acme_disable_alpn_challenge = true';
const TLS = 'tls_acme_disable_http_challenge = true';

test.each([
  ['over HTTP', HTTP],
  ['in a handshake', TLS],
  [
    'with RSA, an address and a binding',
    `${HTTP}\ntls_acme_key_type = "rsa2048"\ntls_acme_email = "A.b+c@D.example"
    tls_acme_eab_key_id = "kid"\ntls_acme_eab_mac_key = "bWFj"`,
  ],
  ['with Ed25519', `${TLS}\ntls_acme_key_type = "ed25519"`],
  ['with P-384', `${TLS}\ntls_acme_key_type = "p384"`],
])(
  'a certificate got %s, kept and taken again',
  async (_, more) => {
    const seen = await same((server) =>
      played(server, more, async ({ authority, shake, lines }) => {
        const first = await shake();
        await until(() => lines().some((line) => line.includes('releasing lock')));
        const got = { first, again: await shake(), nobody: await shake(''), lines: lines() };
        const kept = await files(join(server.folder, 'cache'));
        await server.end();
        const asked = authority.asked.length;
        server.mark();
        await server.start();
        const later = { first: await shake(), lines: lines(), asked: authority.asked.length - asked };
        return { got, kept, later, accounts: authority.accounts.map((one) => Object.keys(one).sort()) };
      }),
    );
    expect(seen.got.first).toMatch(/^DNS:localhost/);
    expect(seen.got.nobody).toMatch(/^(DNS|IP Address):127/);
    expect(seen.later).toEqual({ first: seen.got.first, lines: [], asked: 0 });
  },
  WAIT,
);

test(
  'names that are not to be had',
  async () => {
    const seen = await same((server) =>
      played(server, `${HTTP}\ntls_acme_domains = ["Good.example"]`, async ({ authority, shake, lines }) => {
        const said = [await shake(), await shake('good.example'), await shake('GOOD.example'), await shake('a_b')];
        await until(() => server.lines(/handshake error.*(?:not allowed|disallowed)/).length === 2);
        return { said, lines: lines(), orders: authority.asked.filter((what) => what === 'order').length };
      }),
    );
    expect(seen.said[0]).toBe('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR');
    expect(seen.orders).toBe(1);
  },
  WAIT,
);

test.each([
  [
    'refuses',
    TLS,
    (authority: Authority) => void (authority.refusal = { type: 'urn:x:rejected', detail: 'not this one' }),
  ],
  ['is away', TLS, (authority: Authority) => authority.close()],
  ['is not convinced', HTTP, (authority: Authority) => (authority.convinced = false)],
  ['finds no solver', `${HTTP}\n${TLS}`, () => undefined],
  ['needs a binding that is none', `${HTTP}\ntls_acme_eab_key_id = "kid"\ntls_acme_eab_mac_key = "*"`, () => undefined],
])(
  'an authority that %s',
  async (_, more, spoil) => {
    const seen = await same((server) =>
      played(server, more, async ({ authority, shake, lines }) => {
        spoil(authority);
        void shake();
        await until(() => lines().some((line) => line.includes('will retry')));
        return lines();
      }),
    );
    expect(seen.at(-1)).toContain('retrying_in=1m0s');
  },
  WAIT,
);

test(
  'a certificate in its last third, and one that has ended',
  async () => {
    const seen = await same((server) =>
      played(server, HTTP, async ({ authority, shake, lines }) => {
        authority.lifetime = [3, 1];
        await shake();
        await until(() => lines().some((line) => line.includes('releasing lock')));
        const orders = (): number => authority.asked.filter((what) => what === 'order').length;
        const renewed: number[] = [orders()];
        authority.lifetime = [3, -1];
        await shake();
        await until(() => lines().filter((line) => line.includes('releasing lock')).length === 2);
        renewed.push(orders());
        authority.lifetime = [1, 24];
        const shown = await shake();
        await until(() => lines().filter((line) => line.includes('releasing lock')).length === 3);
        renewed.push(orders());
        return {
          renewed,
          shown,
          lines: lines().filter((line) => !/reloading|replaced|renewal window/.test(line)),
        };
      }),
    );
    expect(seen.renewed).toEqual([1, 2, 3]);
  },
  WAIT,
);

test.each([
  ['tls_acme_key_type = "foo"'],
  ['tls_acme_ca_root = "/nothere"'],
  ['tls_acme_ca_root = "@DIR/key.pem"'],
  ['tls_acme_cache_path = "@DIR/key.pem"'],
  ['tls_acme_cache_path = "@DIR/key.pem/a/b"'],
])(
  '%s',
  async (more) => {
    const seen = await same(async (server) => {
      const text = withAuthority(more, 'http://127.0.0.1:9/').replace(
        more.includes('cache_path') ? 'tls_acme_cache_path = "@DIR/cache"' : '\0',
        '',
      );
      await server.configure(text);
      await server.start();
      return [server.exitCode, server.lines(/^Error initializing/)];
    });
    expect(seen[1]).toHaveLength(1);
  },
  WAIT,
);

test(
  'a folder that is gone meanwhile is made again',
  () =>
    same((server) =>
      played(server, HTTP, async ({ shake }) => {
        await rm(join(server.folder, 'cache'), { recursive: true, force: true });
        return [await shake(), (await files(join(server.folder, 'cache'))).length];
      }),
    ),
  WAIT,
);

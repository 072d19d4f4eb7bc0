/** What the settings of a listener do, ours and the real server's side by side. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCertificate, pemOf } from '../../host/certificate.ts';
import { type BesideServer, beside, BesideServer as Server, type Kind, plainServer, until } from './beside.ts';

const WAIT = 120_000;

async function same<T>(play: (server: BesideServer, kind: Kind) => Promise<T>): Promise<T> {
  const { real, ours } = await beside(play);
  expect(ours).toEqual(real);
  return real;
}

test(
  'profiles and requests under way are shown without a token where a listener says so, sealed or not',
  async () => {
    const listener = `profiling { unauthenticated_pprof_access = true }
      inflight_requests_logging { unauthenticated_in_flight_requests_access = true }`;
    const seen = await same(async (server) => {
      await server.configure(plainServer(listener));
      await server.start();
      const rows: unknown[] = [];
      const look = async () => {
        for (const [method, path] of [
          ['GET', 'sys/pprof/'],
          ['GET', 'sys/pprof/cmdline'],
          ['POST', 'sys/pprof/cmdline'],
          ['GET', 'sys/pprof/goroutine?debug=1'],
          ['GET', 'sys/pprof/nowhere'],
          ['POST', 'sys/in-flight-req'],
          ['GET', 'sys/in-flight-req/'],
          ['GET', 'sys/mounts'],
        ] as const) {
          const { status, headers } = await server.call(method, path, { token: '' });
          rows.push([method, path, status, headers['content-type'], headers['x-content-type-options']]);
        }
        const { status, text } = await server.call('GET', 'sys/in-flight-req', { token: '' });
        const [own] = Object.values(JSON.parse(text) as Record<string, Record<string, string>>);
        rows.push([status, own?.['request_path'], own?.['request_method'], Object.keys(own ?? {}).sort()]);
      };
      await look();
      await server.initialise();
      await look();
      return rows;
    });
    expect(seen[0]).toEqual(['GET', 'sys/pprof/', 200, 'text/html; charset=utf-8', 'nosniff']);
  },
  WAIT,
);

test.each([
  ['metrics_only = true', 404],
  ['disallow_metrics = true\nunauthenticated_metrics_access = true', 200],
  ['metrics_only = true\ndisallow_metrics = true', 404],
])(
  'telemetry { %s }',
  async (telemetry, health) => {
    const seen = await same(async (server) => {
      await server.configure(
        plainServer(
          '',
          `listener "tcp" {\n address = "127.0.0.1:@P1"\n tls_disable = true\n telemetry { \n${telemetry}\n }\n}`,
        ),
      );
      await server.start();
      await server.initialise();
      const rows: unknown[] = [];
      for (const path of [
        '/v1/sys/health',
        '/v1/sys/metrics',
        '/v1/sys/metrics?format=prometheus',
        '/v1/sys/metrics/',
        '/',
      ]) {
        for (const token of ['', undefined]) {
          const { status, headers, text } = await server.call('GET', path, {
            port: 1,
            ...(token === undefined ? {} : { token }),
          });
          rows.push([path, token, status, headers['content-type'], status < 300 ? '' : text]);
        }
      }
      return rows as [string, string | undefined, number][];
    });
    expect(seen[0]?.[2]).toBe(health);
  },
  WAIT,
);

/** One for both servers: read as a URL once too often its pluses are spaces, and what is left is base64 or not. */
function certificateWith(pluses: (count: number) => boolean): string {
  for (;;) {
    const now = Date.now();
    const { der } = makeCertificate({
      curve: 'P-256',
      commonName: 'client',
      hosts: ['localhost'],
      ca: false,
      notBefore: now - 86_400_000,
      notAfter: now + 86_400_000,
    });
    const pem = pemOf(der);
    if (pluses(pem.split('+').length - 1)) return pem;
  }
}

const forms = (pem: string): Record<string, string> => {
  const base64 = pem.split('\n').slice(1, -2).join('');
  return {
    base64,
    'base64 as URL': encodeURIComponent(base64),
    'PEM as URL': encodeURIComponent(pem),
    'PEM twice as URL': encodeURIComponent(encodeURIComponent(pem)),
    'two PEM as URL': encodeURIComponent(pem + pem),
    'RFC 9440': `:${base64}:`,
    'RFC 9440 as URL': encodeURIComponent(`:${base64}:`),
    'half of RFC 9440': `:${base64}`,
    'no certificate': 'enp6',
    'no escape': '%zz',
    'nothing known': '!!!',
    empty: '',
  };
};

const HEADER = 'x_forwarded_for_client_cert_header = "X-Client-Cert"';
const BELIEVED = 'x_forwarded_for_authorized_addrs = "127.0.0.1"';
const SETTINGS = [
  HEADER,
  `${HEADER}\n${BELIEVED}`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL", "PEM"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL", "URL", "PEM"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["RFC9440"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL", "RFC9440"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_keep_not_forwarded = true`,
  `${HEADER}\nx_forwarded_for_authorized_addrs = "10.0.0.1"`,
  `${HEADER}\nx_forwarded_for_authorized_addrs = "10.0.0.1"\nx_forwarded_for_client_cert_keep_unauthorized = true`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_reject_not_present = true`,
];
const DECODABLE = (count: number): boolean => count % 4 === 0;
const UNDECODABLE = (count: number): boolean => count % 4 !== 0;
test.each(SETTINGS.flatMap((listener) => [[listener, DECODABLE] as const, [listener, UNDECODABLE] as const]))(
  'clients known by the certificate that a proxy names: %s',
  async (listener, pluses) => {
    const pem = certificateWith(pluses);
    const seen = await same(async (server) => {
      await server.configure(plainServer(listener));
      await server.start();
      const headers = { 'X-Forwarded-For': '1.1.1.1' };
      await server
        .call('PUT', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 }, headers, token: '' })
        .then(({ text }) => {
          const made = JSON.parse(text) as { root_token: string; keys_base64: string[] };
          server.root = made.root_token;
          server.keys = made.keys_base64;
        });
      await server.unseal(headers);
      await until(async () => (await server.ask('GET', 'sys/mounts', { headers }))[0] === 200);
      await server.call('PUT', 'sys/auth/cert', { body: { type: 'cert' }, headers });
      await server.call('PUT', 'auth/cert/certs/a', { body: { certificate: pem }, headers });
      const rows: [string, boolean, number, string][] = [];
      for (const [form, value] of Object.entries(forms(pem))) {
        for (const proxied of [true, false]) {
          const { status, text } = await server.call('PUT', 'auth/cert/login', {
            body: {},
            headers: { 'X-Client-Cert': value, ...(proxied ? headers : {}) },
            token: '',
          });
          rows.push([form, proxied, status, status < 300 ? '' : text]);
        }
      }
      return rows;
    });
    expect(seen.length).toBe(24);
  },
  WAIT,
);

/** Everything that comes until the other side closes. */
function converse(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Cut off or closed: what was said until then counts.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const said = Buffer.concat(chunks).toString();
      resolve(said.replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS').replaceAll(/^(Date|Content-Length): .*\r\n/gm, ''));
    });
  });
}

test(
  'who does not go on sending, reading or asking is cut off',
  async () => {
    const listener = `http_read_header_timeout = "1s"
      http_read_timeout = "1s"
      http_idle_timeout = "1s"
      http_write_timeout = "2s"`;
    const seen = await same(async (server) => {
      await server.configure(plainServer(listener));
      await server.start();
      await server.initialise();
      const [port = 0] = server.ports;
      const head = (line: string): string => `${line} HTTP/1.1\r\nHost: a\r\nX-Vault-Token: ${server.root}\r\n`;
      return {
        silent: await converse(port, ''),
        'half a head': await converse(port, head('GET /v1/sys/nothing')),
        'half a body': await converse(port, `${head('PUT /v1/sys/unseal')}Content-Length: 20\r\n\r\n{`),
        idle: await converse(port, `${head('GET /v1/sys/nothing')}\r\n`),
        endless: await endless(server, `${head('GET /v1/sys/monitor?log_level=trace')}\r\n`),
      };
    });
    expect(seen['half a body']).toContain('i/o timeout');
  },
  WAIT,
);

/** How an answer without an end begins; there is something to log until it is broken off. */
async function endless(server: BesideServer, text: string): Promise<string | undefined> {
  let count = 0;
  const busy = setInterval(() => void server.ask('PUT', `sys/mounts/kv-${count++}`, { body: { type: 'kv' } }), 100);
  try {
    return (await converse(server.ports[0]!, text)).split('\r\n')[0];
  } finally {
    clearInterval(busy);
  }
}

/** The certificate's subject, or why there was no connection. */
function greeted(port: number, ecdhCurve: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ecdhCurve }, () => {
      resolve(socket.getPeerX509Certificate()?.subject ?? '');
      socket.destroy();
    });
    socket.on('error', (error) =>
      resolve(error.message.includes('handshake failure') ? 'handshake failure' : 'broken'),
    );
  });
}

const withTls = (listener: string): string => `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:@P0"
  tls_cert_file = "@DIR/cert.pem"
  tls_key_file = "@DIR/key.pem"
  ${listener}
}
api_addr = "https://127.0.0.1:@P0"
`;

test.each([
  ['["CurveP256"]', ['P-256']],
  ['["CurveP384", "X25519"]', ['P-384', 'X25519']],
  ['[]', ['P-256', 'P-384', 'P-521', 'X25519']],
])(
  'tls_key_exchange_preferences = %s',
  async (names, wanted) => {
    const seen = await same(async (server) => {
      await server.configure(withTls(`tls_key_exchange_preferences = ${names}`));
      await server.start();
      const rows: [string, string][] = [];
      for (const group of ['P-256', 'P-384', 'P-521', 'X25519'])
        rows.push([group, await greeted(server.ports[0]!, group)]);
      return rows;
    });
    expect(seen.filter(([, said]) => said === 'CN=localhost').map(([group]) => group)).toEqual(wanted);
  },
  WAIT,
);

test(
  'a certificate that changes on disk is read again, and one that cannot be read leaves the old one',
  async () => {
    const seen = await same(async (server) => {
      await server.configure(withTls('tls_auto_reload = true\ntls_auto_reload_interval = "5s"'));
      await server.start();
      const subject = () => greeted(server.ports[0]!, 'P-256');
      const before = await subject();
      await server.certificate('second');
      await until(async () => (await subject()) === 'CN=second');
      await until(() => server.lines(/tls auto-reload/).length > 0);
      const told = server.lines(/tls auto-reload/);
      await server.certificate('third');
      server.signal('SIGHUP');
      await until(async () => (await subject()) === 'CN=third');
      return { before, told };
    });
    expect(seen.before).toBe('CN=localhost');
  },
  WAIT,
);

test(
  'an index is waited for, and who names none is answered by the active node, as the listener says',
  async () => {
    const listeners = [
      'consistency_max_index_wait = "1s"',
      'consistency_max_index_wait = "1s"\nconsistency_fallback_behavior = "forward-active-node"',
      'consistency_fallback_behavior = "nothing known"',
      'consistency_missing_header_forward = true',
    ];
    const node = (name: string): string => `storage "raft" {
  path = "@DIR/data"
  node_id = "${name}"
}
listener "tcp" {
  address = "127.0.0.1:@P0"
  cluster_address = "127.0.0.1:@P1"
  tls_disable = true
}
${listeners.map((text, index) => `listener "tcp" {\n address = "127.0.0.1:@P${index + 2}"\n tls_disable = true\n ${text}\n}`).join('\n')}
api_addr = "http://127.0.0.1:@P0"
cluster_addr = "https://127.0.0.1:@P1"
`;
    const alone = { 'X-Vault-No-Request-Forwarding': '1' };
    const wishes: (readonly string[])[] = [
      [],
      ['await-state'],
      ['fail'],
      ['forward-active-node'],
      ['await-state', 'fail'],
      ['await-state', 'forward-active-node'],
      ['await-state', 'nothing known'],
      ['fail', 'await-state'],
      ['await-state', 'fail', 'fail'],
      ['nothing known'],
    ];
    const seen = await same(async (first, kind) => {
      await first.configure(node('first'));
      await first.start();
      await first.initialise();
      await first.call('PUT', 'sys/mounts/kv', { body: { type: 'kv' } });
      const second = await Server.make(kind);
      try {
        await second.configure(node('second'));
        await second.start();
        second.root = first.root;
        second.keys = first.keys;
        const leader = { leader_api_addr: first.filled('http://127.0.0.1:@P0') };
        const missing = 'sys/storage/raft/join';
        const rows: unknown[][] = [['sealed', await second.ask('PUT', missing, { body: leader, port: 5, token: '' })]];
        await second.call('PUT', 'sys/storage/raft/join', { body: leader, token: '' });
        await second.unseal();
        await until(async () => (await second.ask('GET', 'sys/mounts', { headers: alone }))[0] === 200);
        const written = await first.call('PUT', 'kv/a', { body: { a: 1 } });
        const reached = String(written.headers['x-vault-index']);
        const asked = { headers: { ...alone, 'X-Vault-Index': reached } };
        await until(async () => (await second.ask('GET', 'kv/a', asked))[0] === 200);
        const { cluster, value } = JSON.parse(Buffer.from(reached, 'base64').toString()) as Record<string, string>;
        const ahead = (by: number): string =>
          Buffer.from(JSON.stringify({ cluster, value: String(Number(value) + by) })).toString('base64');
        for (const [index, listener] of listeners.entries()) {
          for (const by of [undefined, 0, 100_000]) {
            for (const wish of wishes) {
              const headers = {
                ...alone,
                ...(by === undefined ? {} : { 'X-Vault-Index': ahead(by) }),
                ...(wish.length === 0 ? {} : { 'X-Vault-Inconsistent': wish }),
              };
              const { status, headers: said, text } = await second.call('GET', 'kv/a', { port: index + 2, headers });
              rows.push([listener, by, wish, status, status < 300 ? '' : text, said['retry-after']]);
            }
          }
        }
        const late = second.call('GET', 'kv/a', {
          port: 2,
          headers: { 'X-Vault-Index': ahead(3), 'X-Vault-Inconsistent': 'await-state' },
        });
        for (let count = 0; count < 4; count += 1) await first.call('PUT', 'kv/a', { body: { a: count } });
        rows.push(['reached while waiting', (await late).status]);
        return rows;
      } finally {
        await second.remove();
      }
    });
    expect(new Set(seen.map((row) => row[3]))).toEqual(new Set([200, 307, 400, 429, undefined]));
    expect(seen.at(-1)).toEqual(['reached while waiting', 200]);
  },
  WAIT,
);

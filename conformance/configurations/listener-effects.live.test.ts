/** What a listener shows to whom and how long it waits, ours and the real server's side by side. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { type BesideServer, plainServer, same } from './beside.ts';

const WAIT = 120_000;

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
        'half a line': await converse(port, `${head('GET /v1/sys/nothing')}Acc`),
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

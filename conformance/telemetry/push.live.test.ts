/** What statsd, statsite and DogStatsD are told: ours beside what the real server sends them under the same work. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { type BesideServer, plainServer, same, until } from '../configurations/beside.ts';
import { listening } from '../fixtures/listening.ts';

const WAIT = 120_000;

interface Receiver {
  readonly port: number;
  /** Pieces as they came. */
  readonly pieces: string[];
  close(): Promise<void>;
}

async function datagrams(): Promise<Receiver> {
  const socket = createSocket('udp4');
  const pieces: string[] = [];
  socket.on('message', (message) => pieces.push(message.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, pieces, close: () => new Promise((resolve) => socket.close(resolve)) };
}

async function stream(): Promise<Receiver> {
  const pieces: string[] = [];
  const server = createServer((socket) =>
    socket.on('data', (data) => pieces.push(data.toString())).on('error', () => socket.destroy()),
  );
  const { port, end } = await listening(server);
  return { port, pieces, close: end };
}

/** Measured by both alike while this is asked. */
const MEASURED =
  /^(?:own|vault)\.(?:[\w-]+\.)?(?:core\.(?:unsealed|active)|route\.(?:read|create)\.kv-|token\.(?:create|createAccessor|creation|lookup)|barrier\.(?:put|get|estimated_encryptions)|cache\.(?:hit|miss|write)|expire\.(?:num_leases|register-auth))(?=[.:])/;

async function work(server: BesideServer): Promise<void> {
  await server.initialise();
  await server.call('PUT', 'sys/mounts/kv', { body: { type: 'kv' } });
  await server.call('PUT', 'kv/a', { body: { a: 1 } });
  await server.call('GET', 'kv/a');
  await server.call('POST', 'auth/token/create', { body: { policies: ['default'], ttl: '1h' } });
}

/** Without the values of times and gauges, which nobody chose. */
const shape = (line: string): string =>
  line
    .replace(/(?<=:)[\d.e-]+(?=\|(?:ms|g))/, (value) => (/^\d+\.\d{6}$/.test(value) ? '<fraction>' : '<number>'))
    .replaceAll(/vault-cluster-[0-9a-f]{8}/g, '<cluster>')
    .replaceAll(hostname(), '<host>');

test.each([
  ['statsd, with the host in gauges', datagrams, 'statsd_address = "127.0.0.1:@"'],
  ['statsd', datagrams, 'statsd_address = "127.0.0.1:@"\n disable_hostname = true'],
  [
    'statsd, renamed and filtered',
    datagrams,
    'statsd_address = "127.0.0.1:@"\n disable_hostname = true\n metrics_prefix = "own"\n prefix_filter = ["-own.barrier"]',
  ],
  ['statsd, with a label of the host', datagrams, 'statsd_address = "127.0.0.1:@"\n enable_hostname_label = true'],
  ['statsd alone', datagrams, 'statsd_address = "127.0.0.1:@"\n prometheus_retention_time = "0s"'],
  ['statsite', stream, 'statsite_address = "127.0.0.1:@"\n disable_hostname = true'],
  ['DogStatsD', datagrams, 'dogstatsd_addr = "127.0.0.1:@"\n dogstatsd_tags = ["a:b", "c"]'],
  [
    'DogStatsD, with a label of the host',
    datagrams,
    'dogstatsd_addr = "127.0.0.1:@"\n enable_hostname_label = true\n metrics_prefix = "own"',
  ],
] as const)(
  '%s',
  async (_, open, telemetry) => {
    const seen = await same(async (server) => {
      const receiver = await open();
      try {
        await server.configure(plainServer('', `telemetry {\n ${telemetry.replace('@', String(receiver.port))}\n}`));
        await server.start();
        await work(server);
        const text = (): string => receiver.pieces.join('');
        // Gauges that are looked at come each second.
        await until(() => text().split('core.active').length > 3);
        await until(() => text().includes('token.creation'));
        const lines = text()
          .split('\n')
          .filter((line) => MEASURED.test(line));
        return {
          lines: [...new Set(lines.map(shape))].sort(),
          whole: receiver.pieces.every((piece) => open === stream || (piece.endsWith('\n') && piece.length <= 1_432)),
        };
      } finally {
        await receiver.close();
      }
    });
    expect(seen.lines.length).toBeGreaterThan(8);
  },
  WAIT,
);

test.each([
  ['dogstatsd_addr = "nowhere.invalid:1"', 'failed to start DogStatsD sink'],
  ['dogstatsd_addr = "nowhere.invalid"', 'failed to start DogStatsD sink'],
])(
  'a server that could tell nobody does not start: %s',
  async (telemetry, text) => {
    const seen = await same(async (server) => {
      await server.configure(plainServer('', `telemetry {\n ${telemetry}\n}`));
      await server.start();
      const said = server.lines(/Error initializing telemetry/).map((line) => line.replace(/ on [\d.:]+(?=:)/, ''));
      return [server.exitCode, said];
    });
    expect(JSON.stringify(seen)).toContain(text);
  },
  WAIT,
);

test.each([['statsd_address = "127.0.0.1:1"'], ['statsite_address = "127.0.0.1:1"'], ['statsd_address = "nowhere"']])(
  'a server that nobody listens to serves on: %s',
  async (telemetry) => {
    await same(async (server) => {
      await server.configure(plainServer('', `telemetry {\n ${telemetry}\n}`));
      await server.start();
      await work(server);
      return server.ask('GET', 'sys/metrics?format=none');
    });
  },
  WAIT,
);

test.each([
  [''],
  ['disable_hostname = true'],
  ['enable_hostname_label = true'],
  ['statsd_address = "127.0.0.1:1"'],
  ['statsd_address = "127.0.0.1:1"\n metrics_prefix = "own"'],
  ['statsd_address = "127.0.0.1:1"\n prefix_filter = ["-vault.core"]'],
  ['statsd_address = "127.0.0.1:1"\n disable_hostname = true'],
])(
  'gauges are called after the host where others are told besides Prometheus: %s',
  async (telemetry) => {
    const seen = await same(async (server) => {
      await server.configure(plainServer('', `telemetry {\n ${telemetry}\n}`));
      await server.start();
      await work(server);
      const gauges = /^\w+_(?:core_unsealed|core_active|expire_num_leases)(?=[{ ])/;
      const looked = async (): Promise<string> => (await server.ask('GET', 'sys/metrics?format=prometheus'))[1];
      await until(async () => /_core_active\{[^]*_expire_num_leases /.test(await looked()));
      const text = await looked();
      return [...new Set(text.split('\n').map((line) => gauges.exec(line)?.[0] ?? ''))].sort();
    });
    expect(seen.length).toBeGreaterThan(1);
  },
  WAIT,
);

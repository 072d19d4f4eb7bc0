/** Audit devices whose lines leave the machine, ours and the real server's side by side: what they send, and what happens when nobody listens. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BesideServer, plainServer, same, until } from '../configurations/beside.ts';
import { objectOf } from '../configurations/token-player.ts';
import { comparable } from './normalise.ts';
import { datagramSink, httpSink, type Sink, streamSink } from './sinks.ts';

const WAIT = 300_000;
const TOP = 'unsafe_allow_api_audit_creation = true\nallow_audit_log_prefixing = true\n';

/** Ports of a server: 2 TCP, 3 UDP, 4 HTTP. */
const devices: Readonly<Record<string, readonly [type: string, options: Readonly<Record<string, string>>]>> = {
  tcp: ['socket', { address: '127.0.0.1:@P2' }],
  raw: ['socket', { address: '127.0.0.1:@P2', socket_type: 'tcp4', log_raw: 'true', prefix: 'RAW ' }],
  udp: ['socket', { address: '127.0.0.1:@P3', socket_type: 'udp', elide_list_responses: 'true' }],
  unix: ['socket', { address: '@DIR/audit.sock', socket_type: 'unix', hmac_accessor: 'false' }],
  http: ['http', { uri: 'http://127.0.0.1:@P4/in?x=1', headers: '{"X-Own":["a"]}' }],
};

async function started(server: BesideServer): Promise<void> {
  await server.configure(plainServer('', TOP));
  await server.start();
  await server.initialise();
}

async function enable(server: BesideServer, name: string, more: Readonly<Record<string, string>> = {}) {
  const [type, options] = devices[name]!;
  const filled = Object.fromEntries(
    Object.entries({ ...options, ...more }).map(([key, value]) => [key, server.filled(value)]),
  );
  const [status, text] = await server.ask('PUT', `sys/audit/${name}`, { body: { type, options: filled } });
  return [status, plain(server, text)] as const;
}

const plain = (server: BesideServer, text: string): string =>
  server.ports
    .reduce((all, port, index) => all.replaceAll(String(port), `@P${index}`), text)
    .replaceAll(server.folder, '@DIR')
    .replaceAll(/127\.0\.0\.1:\d{4,5}(?=->)/g, 'LOCAL')
    .replaceAll(/"request_id":"[^"]*"/g, '"request_id":""');

/** In front of each entry stands what is not JSON. */
function entries(sink: Sink): unknown[] {
  return sink.lines().map((line) => {
    const start = line.indexOf('{');
    return [line.slice(0, start), comparable(objectOf(line.slice(start)))];
  });
}

/** What is asked between the lines that are compared. */
const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['POST', 'sys/mounts/kv', { type: 'kv' }],
  ['PUT', 'kv/a', { umlaut: 'ä€😀', angle: '<&>', list: [1, null], long: 'x'.repeat(20_000) }],
  ['GET', 'kv/a'],
  ['LIST', 'kv'],
  ['GET', 'kv/none'],
  ['GET', 'sys/nothing'],
  ['POST', 'auth/token/create', { policies: ['default'], ttl: '1h' }],
];

test(
  'sockets, datagrams and web servers are sent the same entries',
  async () => {
    const seen = await same(async (server) => {
      await started(server);
      const sinks = {
        stream: await streamSink(server.ports[2]!),
        unix: await streamSink(join(server.folder, 'audit.sock')),
        udp: await datagramSink(server.ports[3]!),
        http: await httpSink(server.ports[4]!, () => 204),
      };
      try {
        const made = [];
        for (const name of Object.keys(devices)) made.push(await enable(server, name));
        for (const [method, path, body] of requests) await server.ask(method, path, body === undefined ? {} : { body });
        const deleted = [];
        for (const name of Object.keys(devices)) deleted.push(await server.ask('DELETE', `sys/audit/${name}`));
        await until(() => sinks.http.lines().length > 15 && sinks.unix.lines().length > 15);
        const by = Object.entries(sinks).map(([name, sink]) => [name, entries(sink).sort(byText)]);
        return [made, deleted, by];
      } finally {
        for (const sink of Object.values(sinks)) await sink.end();
      }
    });
    expect(JSON.stringify(seen).length).toBeGreaterThan(50_000);
  },
  WAIT,
);

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

test(
  'of a device where nobody listens',
  async () => {
    await same(async (server) => {
      await started(server);
      const refused = [];
      for (const name of Object.keys(devices)) if (name !== 'udp') refused.push([name, await enable(server, name)]);
      refused.push(plain(server, (await server.ask('GET', 'sys/audit'))[1]));
      return refused;
    });
  },
  WAIT,
);

test.each(['tcp', 'unix', 'http'])(
  'when who listens to %s goes away and comes back',
  async (name) => {
    const seen = await same(async (server) => {
      await started(server);
      let status = 204;
      const listen = (): Promise<Sink> =>
        name === 'http'
          ? httpSink(server.ports[4]!, () => status)
          : streamSink(name === 'tcp' ? server.ports[2]! : join(server.folder, 'audit.sock'));
      let sink = await listen();
      const rows: unknown[] = [await enable(server, name)];
      const ask = async (what: string) => {
        const [status, text] = await server.ask('GET', 'sys/mounts/sys');
        rows.push([what, status, status === 200 ? '' : plain(server, text)]);
      };
      await ask('listening');
      await sink.end();
      for (let turn = 0; turn < 4; turn++) await ask('gone');
      rows.push(await server.ask('POST', `sys/audit-hash/${name}`, { body: { input: 'x' } }).then(([code]) => code));
      sink = await listen();
      await ask('back');
      await ask('back');
      if (name === 'http') {
        for (status of [200, 299, 301, 307, 400, 500, 503]) await ask(`answers ${status}`);
        status = 204;
      }
      rows.push(
        await server.ask('PUT', 'sys/audit/file', { body: { type: 'file', options: { file_path: '/dev/null' } } }),
      );
      await sink.end();
      for (let turn = 0; turn < 3; turn++) await ask('gone, beside a file');
      rows.push(await server.ask('DELETE', `sys/audit/${name}`));
      await ask('without it');
      // Whether a connection that was kept is found closed when it is taken again is chance.
      const lines = server
        .lines(/audit/)
        .map((line) => plain(server, line).replace(/: EOF"/, ': dial tcp ADDRESS: connect: connection refused"'));
      return [rows, [...new Set(lines)].sort()];
    });
    expect(JSON.stringify(seen)).toContain('gone, beside a file');
  },
  WAIT,
);

/** Each is asked for as a new device. */
const options: readonly (readonly [type: string, options: unknown])[] = [
  ...['socket', 'syslog', 'http', 'file'].flatMap((type): (readonly [string, unknown])[] =>
    [
      {},
      { format: 'jsonx' },
      { format: 'xml' },
      { format: '' },
      { log_raw: 'perhaps' },
      { hmac_accessor: 'perhaps' },
      { elide_list_responses: 'perhaps' },
      { fallback: 'true' },
      { exclude: 'x' },
      { prefix: 'x' },
      'x',
      { format: 7 },
    ].map((given) => [type, given] as const),
  ),
  ['socket', { address: 'nowhere' }],
  ['socket', { address: '127.0.0.1:99999' }],
  ['socket', { address: '127.0.0.1:x' }],
  ['socket', { address: '127.0.0.1:9', socket_type: 'odd' }],
  ['socket', { address: '127.0.0.1:9', socket_type: '' }],
  ['socket', { address: '/nowhere/a.sock', socket_type: 'unix' }],
  ['socket', { address: '127.0.0.1:9', write_timeout: 'x' }],
  ['socket', { address: '127.0.0.1:9', write_timeout: '-1' }],
  ['socket', { address: '127.0.0.1:9', write_timeout: '' }],
  ['socket', { address: '127.0.0.1:9', write_timeout: '0' }],
  ['syslog', { facility: 'nowhere' }],
  ['syslog', { facility: '' }],
  ['http', { uri: 'nowhere' }],
  ['http', { uri: 'ftp://127.0.0.1/' }],
  ['http', { uri: ':' }],
  ['http', { uri: 'http://127.0.0.1:9', headers: 'x' }],
  ['http', { uri: 'http://127.0.0.1:9', headers: '{"A":"b"}' }],
  ['http', { uri: 'http://127.0.0.1:9', headers: '{"A":[1]}' }],
  ['http', { uri: 'http://127.0.0.1:9', headers: '[]' }],
  ['http', { uri: 'http://127.0.0.1:9', headers: 'null' }],
  ['http', { uri: 'http://127.0.0.1:9', headers: '{"A":null}' }],
  ['http', { uri: 'http://127.0.0.1:9', headers: '{"A":["b\\nc"]}' }],
  ['file', { file_path: '@DIR/new/folder/a.log' }],
  ['file', { file_path: '/dev/null/a.log' }],
  ['file', { file_path: '/dev/null/new/folder/a.log' }],
  ['file', { file_path: '/proc/nowhere/a.log' }],
  ['file', { file_path: '/proc/a.log' }],
  ['file', { path: '/tmp' }],
  ['file', { file_path: '/dev/null', mode: 'x' }],
  ['file', { file_path: '/dev/null', mode: '99' }],
  ['file', { file_path: '/dev/null', mode: '' }],
  ['odd', {}],
  ['', {}],
];

test(
  'of options that are odd',
  async () => {
    const seen = await same(async (server) => {
      await started(server);
      const rows = [];
      for (const [type, given] of options) {
        const filled: unknown = JSON.parse(server.filled(JSON.stringify(given)));
        const [status, text] = await server.ask('PUT', 'sys/audit/odd', { body: { type, options: filled } });
        rows.push([type, given, status, plain(server, text)]);
        if (status < 300) await server.ask('DELETE', 'sys/audit/odd');
      }
      return rows;
    });
    expect(seen.length).toBe(options.length);
  },
  WAIT,
);

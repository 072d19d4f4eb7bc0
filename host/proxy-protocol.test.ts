import { fc, test } from '@fast-check/vitest';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { noBytes } from '../core/codec/bytes.ts';
import { certFolder } from './cert-login.fixture.ts';
import { listenHttp } from './listener.ts';
import { splitHostPort } from './network.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';

const v2 = (command: number, family: number, body: readonly number[]): Buffer =>
  Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.from([0x20 | command, (family << 4) | 1, 0, body.length, ...body]),
  ]);
const ours = v2(1, 1, [9, 8, 7, 6, 5, 5, 5, 5, 0x11, 0x11, 0x22, 0x22]);

describe('the header of the PROXY protocol', () => {
  test.each([
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\nGET', 38, '1.2.3.4', 1111],
    ['PROXY TCP6 ::1 ::2 1 2\r\n', 24, '::1', 1],
  ])('%j says where a connection comes from', (text, length, address, port) => {
    expect(readProxyHeader(Buffer.from(text))).toEqual({ length, origin: { address, port } });
  });

  test('in its binary form does so too, and a local connection is the proxy’s own', () => {
    expect(readProxyHeader(ours)).toEqual({ length: 28, origin: { address: '9.8.7.6', port: 0x1111 } });
    expect(readProxyHeader(v2(0, 0, []))).toEqual({ length: 16, origin: undefined });
    expect(readProxyHeader(Buffer.from('PROXY UNKNOWN\r\n'))).toEqual({ length: 15, origin: undefined });
  });

  test('may be missing or broken', () => {
    expect(readProxyHeader(Buffer.from('GET / HTTP/1.1\r\n'))).toBe('none');
    expect(readProxyHeader(Buffer.from('PUT / HTTP/1.1\r\n'))).toBe('none');
    expect(readProxyHeader(Buffer.from('PROXY TCP4 nonsense\r\n'))).toBe('bad');
    expect(readProxyHeader(Buffer.from(`PROXY ${'x'.repeat(200)}`))).toBe('bad');
  });

  test.prop([fc.constantFrom(ours, Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n')), fc.nat(27)])(
    'is waited for, however it is cut',
    (whole, cut) => {
      expect(readProxyHeader(whole.subarray(0, Math.max(cut, 1)))).toBe('more');
    },
  );
});

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** The address of the client as the server sees it; '' when it cuts the connection. */
function seen(head: Buffer | string): Promise<string> {
  const { address } = server!.listeners[0]!;
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(splitHostPort(address));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(/"client_remote_address":"([^"]*):\d+"/.exec(text)?.[1] ?? text));
    socket.write(head);
    // In a packet of its own.
    setTimeout(
      () =>
        socket.write(
          'GET /v1/sys/in-flight-req HTTP/1.1\r\nHost: x\r\nX-Vault-Token: root\r\nConnection: close\r\n\r\n',
        ),
      10,
    );
  });
}

test.each([
  ['use_always', '10.0.0.1', '1.2.3.4', '127.0.0.1'],
  ['allow_authorized', '10.0.0.1', '127.0.0.1', '127.0.0.1'],
  ['deny_unauthorized', '10.0.0.1', '', ''],
])('%s', async (behavior, authorized, withHeader, without) => {
  const { configuration } = parseConfiguration(
    `storage "inmem" {}
     listener "tcp" {
       address = "127.0.0.1:0"
       tls_disable = true
       proxy_protocol_behavior = "${behavior}"
       proxy_protocol_authorized_addrs = "${authorized}"
     }`,
    '',
  );
  const failed = (error: unknown): never => {
    throw error;
  };
  const dev = { rootToken: 'root', kvVersion: 0 } as const;
  server = await startServer({ configuration, log: { write: () => undefined }, failed, dev });
  expect(await seen('PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n')).toBe(withHeader);
  expect(await seen('')).toBe(without);
});

/** A proxy may send its header and the client's first bytes in one packet. */
test.each([true, false])('in front of TLS, in one packet with it: %s', async (together) => {
  let remote = '';
  const listener = await listenHttp(
    (request) => {
      remote = `${request.remote.address}:${request.remote.port}`;
      return Promise.resolve({ status: 204, headers: [], body: noBytes });
    },
    {
      address: '127.0.0.1:0',
      tls: { certificate: `${certFolder}/server.pem`, key: `${certFolder}/server.key` },
      proxies: { behavior: 'use_always', authorized: [] },
      maxRequestSize: 10,
      failed: () => undefined,
    },
  );
  const under = connect(splitHostPort(listener.address));
  await once(under, 'connect');
  if (together) under.cork();
  under.write('PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n');
  if (!together) await new Promise((resolve) => setTimeout(resolve, 20));
  const secure = connectTls({ socket: under, rejectUnauthorized: false });
  setImmediate(() => under.uncork());
  secure.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  secure.resume();
  await once(secure, 'close');
  await listener.close();
  expect(remote).toBe('1.2.3.4:1111');
});

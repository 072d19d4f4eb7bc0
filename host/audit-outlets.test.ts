import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { expect, test } from 'vitest';
import { devices } from '../core/server/audit/device.ts';
import type { AuditDevice } from '../core/server/audit/device.ts';
import type { Runtime } from '../core/runtime.ts';
import { hostOutlets } from './audit-outlets.ts';

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const device = (type: string, options: Record<string, string>): AuditDevice =>
  devices(hostOutlets)(type, options, {} as Runtime)!;

test('a socket device sends lines over TCP and connects again when the other side has gone', async () => {
  const received: string[] = [];
  const sockets: { destroy(): void }[] = [];
  let arrived = (): void => {};
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (data) => {
      received.push(data.toString());
      arrived();
    });
  });
  const port = await listening(server);
  const next = () => new Promise<void>((resolve) => (arrived = resolve));
  const socket = device('socket', { address: `127.0.0.1:${port}` });
  let waiting = next();
  await socket.write('one\n');
  await waiting;
  await socket.reopen();
  waiting = next();
  await socket.write('two\n');
  await waiting;
  expect(received).toEqual(['one\n', 'two\n']);
  await socket.close();
  for (const each of sockets) each.destroy();
  await new Promise((resolve) => server.close(resolve));
  const refusal = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
  await expect(socket.write('three\n')).rejects.toThrow(`2 errors occurred:\n\t* ${refusal}\n\t* ${refusal}\n\n`);
});

test('an HTTP device posts each line with its headers, and takes only success for an answer', async () => {
  let status = 200;
  const received: string[] = [];
  const server = createWebServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      received.push(`${request.method} ${request.url} ${String(request.headers['x-a'])} ${body}`);
      response.statusCode = status;
      response.end();
    });
  });
  const port = await listening(server);
  const http = device('http', { uri: `http://127.0.0.1:${port}/a?b`, headers: '{"X-A":["1"]}' });
  await http.write('line\n');
  expect(received).toEqual(['POST /a?b 1 line\n']);
  status = 500;
  await expect(http.write('line\n')).rejects.toThrow('failed to perform request: status code not 2xx: 500');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('what cannot be dialled has the reason in upstream’s words', async () => {
  const cases: [string, Record<string, string>, string][] = [
    ['socket', { address: '127.0.0.1' }, 'dial tcp: address 127.0.0.1: missing port in address'],
    ['socket', { address: '127.0.0.1:1', socket_type: 'foo' }, 'dial foo: unknown network foo'],
    ['http', { uri: 'ftp://x' }, 'failed to perform request: Post "ftp://x": unsupported protocol scheme "ftp"'],
  ];
  for (const [type, options, text] of cases) await expect(device(type, options).write('x\n')).rejects.toThrow(text);
});

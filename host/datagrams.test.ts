import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { SECOND } from '../core/runtime.ts';
import { hostDatagrams } from './datagrams.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A server that answers each datagram with these. */
async function answering(...answers: readonly Uint8Array[]): Promise<number> {
  const socket = createSocket('udp4', (_, { address, port }) => {
    for (const answer of answers) socket.send(answer, port, address);
  });
  open.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

const ask = (address: string, timeout = 5 * SECOND, takes = (answer: Uint8Array): boolean => answer[0] === 2) =>
  hostDatagrams.ask({ address, message: Uint8Array.of(1), timeout, takes });

test('the first that is taken is the answer', async () => {
  const port = await answering(Uint8Array.of(7), Uint8Array.of(2, 3), Uint8Array.of(2, 4));
  expect(await ask(`127.0.0.1:${port}`)).toEqual(Uint8Array.of(2, 3));
  expect(await ask(`localhost:${port}`)).toEqual(Uint8Array.of(2, 3));
});

test('who says nothing, or nothing that counts, is waited for no longer than told', async () => {
  const port = await answering(Uint8Array.of(7));
  await expect(ask(`127.0.0.1:${port}`, SECOND / 10)).rejects.toThrow('context deadline exceeded');
  await expect(ask(`127.0.0.1:${port}`, 0)).rejects.toThrow('context deadline exceeded');
});

test('where nobody listens', async () => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  const refused = new RegExp(`^read udp 127.0.0.1:\\d+->127.0.0.1:${port}: read: connection refused$`);
  await expect(ask(`127.0.0.1:${port}`)).rejects.toThrow(refused);
  await expect(ask('127.0.0.1:0')).rejects.toThrow(/->127.0.0.1:0: read: connection refused$/);
});

test.each([
  ['127.0.0.1', 'dial udp: address 127.0.0.1: missing port in address'],
  ['[[::1]]:1812', 'dial udp: address [[::1]]:1812: missing port in address'],
  ['127.0.0.1:-1', 'dial udp: address -1: invalid port'],
  ['127.0.0.1:65536', 'dial udp: address 65536: invalid port'],
  ['bad host:1812', 'dial udp: lookup bad host: no such host'],
])('%s leads nowhere', async (address, message) => {
  await expect(ask(address)).rejects.toThrow(message);
});

import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Connection } from '../core/runtime.ts';
import { HostNetwork, dialError } from './network.ts';

const network = new HostNetwork((error) => {
  throw error;
});

/** A port that nobody listens on. */
async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

test('messages arrive whole and in order, whatever their size', async () => {
  const address = await freeAddress();
  const events = new EventEmitter();
  const accepted = once(events, 'accept') as Promise<[Connection]>;
  const listener = network.listen(address, (connection) => events.emit('accept', connection));
  const client = await network.dial(address, 1_000_000);
  client.onMessage(() => undefined);
  client.onClose(() => undefined);
  const received: number[] = [];
  const ended = once(events, 'end') as Promise<[unknown]>;
  for (const size of [0, 1, 70_000, 3]) client.send(new Uint8Array(size));
  client.close();
  const [server] = await accepted;
  server.onMessage((message) => received.push(message.length));
  server.onClose((reason) => events.emit('end', reason));
  expect(await ended).toEqual(['eof']);
  expect(received).toEqual([0, 1, 70_000, 3]);
  listener.close();
});

test('where nobody listens, dialling is refused at once', async () => {
  const address = await freeAddress();
  await expect(network.dial(address, 1_000_000)).rejects.toMatchObject({
    code: 'refused',
    message: `dial tcp ${address}: connect: connection refused`,
  });
});

test('a name that leads nowhere is told with whom was asked for it', () => {
  const error = Object.assign(new Error(), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nowhere.example' });
  expect(dialError(error, 'nowhere.example:443').message).toMatch(
    /^dial tcp: lookup nowhere\.example on \S+:53: no such host$/,
  );
});

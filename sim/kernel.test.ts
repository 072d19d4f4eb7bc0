import { expect, test } from 'vitest';
import { nodePump } from '../host/pump.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import { Machine } from './machine.ts';
import { SimNetwork } from './network.ts';
import { World } from './world.ts';

test('an echo crosses two machines', async () => {
  const world = new World('1');
  const network = new SimNetwork(world);
  const crypto = portableCrypto();
  const server = new Machine(network, 'n1', { crypto });
  const client = new Machine(network, 'c1', { crypto, role: 'client' });
  server.start((runtime) => {
    runtime.network.listen('n1:8200', (connection) => {
      connection.onMessage((message) => connection.send(message.map((byte) => byte + 1)));
    });
  });
  const got: number[] = [];
  client.start(async (runtime) => {
    const connection = await runtime.network.dial('n1:8200', 1_000_000);
    connection.onMessage((message) => {
      got.push(...message);
      connection.close();
    });
    connection.send(Uint8Array.of(1, 2, 3));
  });
  await nodePump(world, () => false);
  expect(world.crashes).toEqual([]);
  expect(got).toEqual([2, 3, 4]);
  expect(world.now).toBeLessThan(1000);
});

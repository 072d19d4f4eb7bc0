import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { nodePump } from '../../host/pump.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { type Connection, MILLISECOND, NetworkError, SECOND } from '../../core/runtime.ts';
import { uniform } from '../distribution.ts';
import { LAN, type LinkProfile, LOOPBACK } from './link.ts';
import type { Machine } from '../machine.ts';
import { Bench } from '../testing.ts';
import { FAULT } from '../event-kinds.ts';

const crypto = portableCrypto();

async function until(bench: Bench, at: number): Promise<void> {
  bench.world.schedule(bench.world.root, at - bench.world.now, FAULT, () => {}, undefined);
  await nodePump(bench.world, () => bench.world.now >= at);
}

/** A server n1 that notes what it hears, and a client n2 that has connected to it. */
interface Pair {
  readonly bench: Bench;
  readonly server: Machine;
  readonly client: Machine;
  /** What the server got, as `byte@virtual time`. */
  readonly heard: [byte: number, at: number][];
  readonly closed: string[];
  connection: Connection;
  accepted: Connection;
}

const reasonOf = (reason: 'eof' | NetworkError): string => (reason === 'eof' ? 'eof' : reason.code);

async function pair(profile?: LinkProfile, seed = '1'): Promise<Pair> {
  const bench = new Bench(crypto, seed, profile === undefined ? {} : { profile });
  const connections: Connection[] = [];
  const accepted: Connection[] = [];
  const heard: [number, number][] = [];
  const closed: string[] = [];
  const server = bench.run('n1', ({ network }) => {
    network.listen('n1:1', (connection) => {
      accepted.push(connection);
      connection.onMessage((message) => void heard.push([message[0]!, bench.world.now]));
      connection.onClose((reason) => void closed.push(`server ${reasonOf(reason)}`));
    });
  });
  const client = bench.run('n2', async ({ network }) => {
    const connection = await network.dial('n1:1', 10 * SECOND);
    connection.onClose((reason) => void closed.push(`client ${reasonOf(reason)}`));
    connections.push(connection);
  });
  await until(bench, 10 * MILLISECOND);
  return { bench, server, client, heard, closed, connection: connections[0]!, accepted: accepted[0]! };
}

const bytesOf = (heard: Pair['heard']): number[] => heard.map(([byte]) => byte);
const send = (connection: Connection, ...bytes: number[]): void =>
  bytes.forEach((byte) => connection.send(Uint8Array.of(byte)));

describe('a connection', () => {
  test.prop([fc.string(), fc.nat(300_000), fc.nat(300_000), fc.array(fc.nat(3000), { maxLength: 60 })])(
    'delivers everything once and in order over a bad link',
    async (seed, loss, reordering, pauses) => {
      const profile: LinkProfile = { ...LAN, loss, reordering, duplication: reordering };
      const { bench, heard, connection } = await pair({ ...LOOPBACK }, seed);
      bench.network.link('n2', 'n1').profile = profile;
      for (const [index, wait] of pauses.entries()) {
        await until(bench, bench.world.now + wait);
        send(connection, index);
      }
      await until(bench, bench.world.now + 300 * SECOND);
      expect(bytesOf(heard)).toEqual(pauses.map((_, index) => index));
      const times = heard.map(([, at]) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    },
  );

  test('takes the latency of its link, and the bandwidth for long messages', async () => {
    const { bench, heard, connection } = await pair();
    const start = bench.world.now;
    bench.network.link('n2', 'n1').profile = { ...LOOPBACK, bandwidth: 1_000_000 };
    connection.send(new Uint8Array(50_000));
    connection.send(new Uint8Array(50_000));
    await until(bench, start + SECOND);
    expect(heard[0]![1] - start).toBeGreaterThanOrEqual(50_030);
    expect(heard[1]![1] - start).toBeGreaterThanOrEqual(100_030);
    expect(heard[1]![1] - start).toBeLessThanOrEqual(100_080);
  });

  test('ends at the other side after what was sent before', async () => {
    const { bench, heard, closed, connection } = await pair();
    send(connection, 1, 2);
    connection.close();
    send(connection, 3);
    await until(bench, SECOND);
    expect(bytesOf(heard)).toEqual([1, 2]);
    expect(closed).toEqual(['server eof']);
  });

  test('that the other side closed ends with eof, whatever was on the way to it', async () => {
    const { bench, closed, connection, accepted } = await pair();
    accepted.close();
    send(connection, 1);
    await until(bench, SECOND);
    expect(closed).toEqual(['client eof']);
  });

  test('keeps what arrives before there is a handler', async () => {
    const bench = new Bench(crypto);
    const heard: string[] = [];
    bench.run('n1', ({ network, clock }) => {
      network.listen('n1:1', (connection) => {
        clock.after(SECOND, () => {
          connection.onMessage((message) => void heard.push(String(message[0])));
          connection.onClose((reason) => void heard.push(reasonOf(reason)));
        });
      });
    });
    bench.run('n2', async ({ network }) => {
      const connection = await network.dial('n1:1', SECOND);
      send(connection, 1, 2, 3);
      connection.close();
    });
    await nodePump(bench.world, () => false);
    expect(heard).toEqual(['1', '2', '3', 'eof']);
  });

  test('unmasked, a network loses, repeats and swaps', async () => {
    const { bench, heard, connection } = await pair();
    bench.network.masked = false;
    bench.network.link('n2', 'n1').profile = { ...LAN, loss: 100_000, reordering: 100_000, duplication: 100_000 };
    for (let i = 0; i < 200; i++) send(connection, i);
    await until(bench, SECOND);
    const got = bytesOf(heard);
    expect(new Set(got).size).toBeLessThan(200);
    expect(got.length).toBeGreaterThan(new Set(got).size);
    expect(got).not.toEqual([...got].sort((a, b) => a - b));
  });
});

describe('a partition', () => {
  test('keeps connections open and silent, and lets them go on after it', async () => {
    const { bench, heard, closed, connection } = await pair();
    bench.network.isolate('n1');
    send(connection, 1);
    await until(bench, 5 * SECOND);
    send(connection, 2);
    expect([heard, closed]).toEqual([[], []]);
    expect(bench.network.hindered).toBeGreaterThan(1);
    bench.network.heal();
    await until(bench, 20 * SECOND);
    expect(bytesOf(heard)).toEqual([1, 2]);
    // Retransmissions went out 0.2, 0.6, 1.4, 3.0 and 6.2 s after the first try.
    expect(heard[0]![1]).toBeGreaterThan(6.2 * SECOND);
    expect(heard[0]![1]).toBeLessThan(6.3 * SECOND);
  });

  test('one way only stops acknowledgements, so that a window still gets through', async () => {
    const { bench, heard, connection, accepted } = await pair();
    const replies: number[] = [];
    connection.onMessage((message) => void replies.push(message[0]!));
    bench.network.block('n1', 'n2');
    send(connection, 1);
    send(accepted, 9);
    for (let i = 0; i < 70; i++) connection.send(new Uint8Array(1000).fill(2));
    await until(bench, 5 * SECOND);
    expect(bytesOf(heard).length).toBe(66);
    expect(replies).toEqual([]);
    bench.network.heal();
    await until(bench, 20 * SECOND);
    expect(bytesOf(heard).length).toBe(71);
    expect(replies).toEqual([9]);
  });

  test('that outlasts the keep-alive breaks idle connections', async () => {
    const { bench, closed } = await pair();
    bench.network.partition(['n1'], ['n2']);
    await until(bench, 140 * SECOND);
    expect(closed).toEqual([]);
    await until(bench, 160 * SECOND);
    expect(closed.sort()).toEqual(['client timeout', 'server timeout']);
  });

  test('that outlasts all retransmissions breaks busy connections', async () => {
    const { bench, closed, connection } = await pair();
    bench.network.block('n2', 'n1');
    send(connection, 1);
    await until(bench, 900 * SECOND);
    expect(closed).toEqual(['server timeout']);
    await until(bench, 1100 * SECOND);
    expect(closed).toEqual(['server timeout', 'client timeout']);
  });

  test('makes dials time out, or succeed late when it heals in time', async () => {
    const bench = new Bench(crypto);
    const ends: string[] = [];
    bench.run('n1', ({ network }) => void network.listen('n1:1', () => {}));
    bench.machine('n2').start(async ({ network, clock }) => {
      await clock.sleep(1000);
      bench.network.isolate('n1');
      await network
        .dial('n1:1', 2 * SECOND)
        .catch((error: NetworkError) => ends.push(`${error.code} ${error.message}`));
      clock.after(4 * SECOND, () => bench.network.heal());
      await network.dial('n1:1', 10 * SECOND);
      ends.push(`after ${Math.floor(clock.monotonic() / SECOND)} s`);
    });
    await nodePump(bench.world, () => false);
    expect(ends).toEqual(['timeout dial tcp n1:1: i/o timeout', 'after 9 s']);
  });
});

describe('a fault of the other machine', () => {
  test('killed: its peers are told at once, and dials are refused', async () => {
    const { bench, server, client, closed } = await pair();
    server.kill();
    await until(bench, bench.world.now + MILLISECOND);
    expect(closed).toEqual(['client eof']);
    client.kill();
    const ends: string[] = [];
    client.start(({ network, clock }) =>
      network.dial('n1:1', SECOND).then(
        () => {},
        (error: NetworkError) => void ends.push(error.message, String(clock.monotonic() < 1000)),
      ),
    );
    await until(bench, 2 * SECOND);
    expect(ends).toEqual(['dial tcp n1:1: connect: connection refused', 'true']);
  });

  test('paused: its kernel accepts and buffers, and all is there when it goes on', async () => {
    const { bench, server, heard, closed, connection } = await pair();
    server.pause();
    send(connection, 1, 2);
    let dialled = false;
    bench.run('n3', async ({ network }) => {
      const other = await network.dial('n1:1', SECOND);
      dialled = true;
      send(other, 3);
    });
    await until(bench, 5 * SECOND);
    expect([dialled, heard, closed]).toEqual([true, [], []]);
    server.resume();
    await until(bench, 6 * SECOND);
    expect(bytesOf(heard)).toEqual([1, 2, 3]);
    expect(heard.every(([, at]) => at === 5 * SECOND)).toBe(true);
  });

  test('paused and killed with data unread: its kernel resets', async () => {
    const { bench, server, closed, connection } = await pair();
    server.pause();
    send(connection, 1);
    await until(bench, SECOND);
    server.kill();
    await until(bench, 2 * SECOND);
    expect(closed).toEqual(['client reset']);
  });

  test('without power: silence, and a reset when it is back and spoken to', async () => {
    const { bench, server, closed, connection } = await pair();
    server.losePower();
    send(connection, 1);
    await until(bench, 10 * SECOND);
    expect(closed).toEqual([]);
    server.restart();
    await until(bench, 20 * SECOND);
    expect(closed).toEqual(['client reset']);
  });

  test('without power: idle peers find out by keep-alive', async () => {
    const { bench, server, closed } = await pair();
    server.losePower();
    await until(bench, 170 * SECOND);
    expect(closed).toEqual(['client timeout']);
  });
});

test('a reset on the way breaks both ends', async () => {
  const { bench, closed } = await pair();
  expect(bench.network.resetConnections('n1', 'n2')).toBe(1);
  await until(bench, SECOND);
  expect(closed.sort()).toEqual(['client reset', 'server reset']);
});

test('a clogged link delays and keeps the order', async () => {
  const { bench, heard, connection } = await pair();
  bench.network.clog('n2', 'n1', uniform(SECOND, 5 * SECOND));
  const start = bench.world.now;
  for (let i = 0; i < 20; i++) send(connection, i);
  await until(bench, 20 * SECOND);
  expect(bytesOf(heard)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(heard[0]![1]).toBeGreaterThan(start + SECOND);
});

test('a rule passes, delays, or loses a message until it lets the retransmission through', async () => {
  const { bench, heard, connection } = await pair();
  const start = bench.world.now;
  let refusals = 2;
  bench.network.rule(({ bytes }) => {
    if (bytes[0] === 1) return { later: SECOND };
    if (bytes[0] === 2 && refusals-- > 0) return 'drop';
    return 'pass';
  });
  send(connection, 0, 1, 2, 3);
  await until(bench, 10 * SECOND);
  expect(heard.map(([byte, at]) => [byte, Math.floor((at - start) / (100 * MILLISECOND))])).toEqual([
    [0, 0],
    [1, 10],
    [2, 10],
    [3, 10],
  ]);
});

test('a name without a machine and a port without a listener are told apart', async () => {
  const bench = new Bench(crypto);
  const codes: string[] = [];
  bench.run('n1', async ({ network }) => {
    for (const address of ['n1:9', 'nowhere:9']) {
      await network.dial(address, SECOND).catch((error: NetworkError) => codes.push(error.code));
    }
    network.listen('n1:5', () => {});
    expect(() => network.listen('0.0.0.0:5', () => {})).toThrow('bind: address already in use');
  });
  await nodePump(bench.world, () => false);
  expect(codes).toEqual(['refused', 'unreachable']);
  expect(bench.world.crashes).toEqual([]);
});

test('a closed listener takes no new connections and keeps the old ones', async () => {
  const bench = new Bench(crypto);
  const seen: string[] = [];
  bench.run('n1', async ({ network, clock }) => {
    const listener = network.listen('n1:1', (connection) => {
      connection.onMessage((message) => void seen.push(`got ${message[0]}`));
    });
    await clock.sleep(SECOND);
    listener.close();
  });
  bench.run('n2', async ({ network, clock }) => {
    const old = await network.dial('n1:1', SECOND);
    await clock.sleep(2 * SECOND);
    send(old, 1);
    await network.dial('n1:1', SECOND).catch((error: NetworkError) => seen.push(error.code));
  });
  await nodePump(bench.world, () => false);
  expect(seen).toEqual(['got 1', 'refused']);
});

test('changing a message after it was sent is caught: nodes share nothing', async () => {
  const { bench, connection } = await pair();
  const message = Uint8Array.of(1, 2, 3);
  connection.send(message);
  message[1] = 9;
  await until(bench, SECOND);
  expect(bench.world.crashes.map(({ error }) => (error as Error).message)).toEqual([
    'assertion failed: nobody changes a message that was sent',
  ]);
});

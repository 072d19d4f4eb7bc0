import { fc, test } from '@fast-check/vitest';
import { placeholderKey } from '../../storage/raft/key-parameters.ts';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../backoff.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Connection, NetworkError } from '../../runtime.ts';
import { TestDisk } from '../../storage/disk.fixture.ts';
import { testRuntime } from '../../storage/runtime.fixture.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import { parseAdvertisement, printAdvertisement, sharedSecret } from './advertisement.ts';
import { decodeMessage, encodeMessage, type EchoCall } from './calls.ts';
import type { ClusterListener } from './cluster-listener.ts';
import { ForwardingClient } from './forwarding-client.ts';
import { Invalidations } from './invalidations.ts';
import { HaPeers } from './peers.ts';
import { SecureChannel } from './secure-channel.ts';

/** Two ends of a wire, and all that went over it. */
function wire(): { ends: [Connection, Connection]; seen: Uint8Array[] } {
  const seen: Uint8Array[] = [];
  const receivers: ((message: Uint8Array) => void)[] = [];
  const closers: ((reason: 'eof' | NetworkError) => void)[] = [];
  const end = (own: number): Connection => ({
    local: String(own),
    remote: String(1 - own),
    send: (message) => {
      seen.push(message);
      receivers[1 - own]?.(message);
    },
    onMessage: (receive) => {
      receivers[own] = receive;
    },
    onClose: (closed) => {
      closers[own] = closed;
    },
    close: () => closers[1 - own]?.('eof'),
  });
  return { ends: [end(0), end(1)], seen };
}

function channels(serverSecret: Uint8Array, clientSecret: Uint8Array) {
  const { ends, seen } = wire();
  const runtime = testRuntime(new TestDisk());
  const heard: string[] = [];
  const closed: string[] = [];
  const server = new SecureChannel(runtime, ends[1], serverSecret, 'server');
  server.on({ receive: (message) => heard.push(decodeUtf8(message)), closed: (error) => closed.push(error.message) });
  const client = new SecureChannel(runtime, ends[0], clientSecret, 'client');
  client.on({ receive: (message) => heard.push(decodeUtf8(message)), closed: () => {} });
  return { server, client, heard, closed, seen };
}

const shown = (_: string, value: unknown): unknown =>
  value instanceof Map ? [...value] : value instanceof Uint8Array ? [...value] : value;

const made = (work: (keys: readonly string[]) => Promise<void>) => {
  const events: (() => void)[] = [];
  const runtime = testRuntime(new TestDisk());
  const clock = { ...runtime.clock, after: (_: number, run: () => void) => (events.push(run), { cancel() {} }) };
  const fatal: unknown[] = [];
  const invalidations = new Invalidations({ ...runtime, clock }, work, (error) => fatal.push(error));
  invalidations.enable(true);
  return { invalidations, events, fatal };
};

describe('SecureChannel', () => {
  const secret = new Uint8Array(65).fill(9);

  it('carries messages both ways, and shows none of them on the wire', () => {
    const { server, client, heard, seen } = channels(secret, secret);
    client.send(encodeUtf8('canary one'));
    server.send(encodeUtf8('canary two'));
    client.send(encodeUtf8('canary one'));
    expect(heard).toEqual(['canary one', 'canary two', 'canary one']);
    for (const message of seen) expect(decodeUtf8(message)).not.toContain('canary');
    expect(new Set(seen.map((message) => message.join())).size).toBe(seen.length);
  });

  it('closes on a peer with another key', () => {
    const { client, heard, closed } = channels(secret, new Uint8Array(65).fill(8));
    client.send(encodeUtf8('canary'));
    expect(heard).toEqual([]);
    expect(closed).toEqual(['remote error: tls: bad certificate']);
  });
});

describe('calls', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const bytes = fc.uint8Array({ maxLength: 20 });
  const request = fc.record({
    method: text,
    url: text,
    host: text,
    remote: fc.record({ address: text, port: fc.nat(65_535) }),
    headers: fc.array(fc.tuple(text, fc.array(text, { maxLength: 3 })), { maxLength: 4 }).map((all) => new Map(all)),
    body: bytes,
  });
  const response = fc.record({
    status: fc.integer({ min: 100, max: 599 }),
    headers: fc.array(fc.tuple(text, text), { maxLength: 4 }),
    body: bytes,
  });
  const call = fc.nat();
  const message = fc.oneof(
    fc.record({ kind: fc.constant('request' as const), call, request }),
    fc.record({ kind: fc.constant('response' as const), call, response: fc.option(response, { nil: undefined }) }),
    fc.record({ kind: fc.constantFrom('ping' as const, 'ack' as const, 'follow' as const, 'mark' as const), call }),
    fc.record({ kind: fc.constant('changes' as const), call, keys: fc.array(text, { maxLength: 3 }), index: text }),
    fc.record({ kind: fc.constant('ended' as const), call }),
    fc.record({ kind: fc.constant('pong' as const), call, performanceMode: text }),
  );

  test.prop([message])('come back from their bytes as they were', (sent) => {
    const got = decodeMessage(encodeMessage(sent));
    expect(JSON.parse(JSON.stringify(got, shown))).toEqual(JSON.parse(JSON.stringify(sent, shown)));
  });
});

describe('the advertisement', () => {
  test.prop([fc.webUrl(), fc.webUrl(), fc.uint8Array({ minLength: 65, maxLength: 65 })])(
    'says where the active node is and what to encrypt with',
    (apiAddress, clusterAddress, random) => {
      const identity = { certificate: random, key: placeholderKey(() => random) };
      const advertisement = { apiAddress, clusterAddress, identity };
      expect(sharedSecret(identity)).toEqual(random);
      expect(parseAdvertisement(printAdvertisement(advertisement))).toEqual(advertisement);
    },
  );
});

describe('Invalidations', () => {
  it('come at least one event after the batch, with everything that gathered', async () => {
    const worked: (readonly string[])[] = [];
    const { invalidations, events } = made(async (keys) => void worked.push(keys));
    invalidations.add(['a'], 1);
    invalidations.add(['b', 'c'], 2);
    expect(worked).toEqual([]);
    expect(events).toHaveLength(1);
    events[0]!();
    await Promise.resolve();
    expect(worked).toEqual([['a', 'b', 'c']]);
  });

  it('wait while a set-up is made, and are forgotten while the node is active', () => {
    const { invalidations, events } = made(async () => {});
    invalidations.hold(true);
    invalidations.add(['a'], 1);
    expect(events).toHaveLength(0);
    invalidations.hold(false);
    expect(events).toHaveLength(1);
    invalidations.enable(false);
    invalidations.add(['b'], 2);
    expect(events).toHaveLength(1);
  });

  it('tell when what the standby stands on is gone', async () => {
    const { invalidations, events, fatal } = made(() => Promise.reject(new Error('the audit table has changed')));
    invalidations.add(['core/audit'], 1);
    events[0]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(fatal).toHaveLength(1);
  });
});

describe('HaPeers', () => {
  it('forgets standbys that were not heard of for 15 s', () => {
    let now = 0;
    const { clock } = testRuntime(new TestDisk());
    const peers = new HaPeers({ ...clock, monotonic: () => now });
    const self = {
      hostname: 'h',
      apiAddress: 'http://b',
      clusterAddress: 'https://b',
      version: '2.7.2',
      upgradeVersion: '',
    };
    const echo = { nodeId: 'n2', appliedIndex: 1, term: 1, desiredSuffrage: 'voter', upgradeVersion: '' };
    peers.heard({ ...echo, hostname: 'h', apiAddress: 'http://a', clusterAddress: 'https://a', version: '2.7.2' });
    const addresses = () => peers.status(self).map((node) => (node as ReadonlyMap<string, unknown>).get('api_address'));
    expect(addresses()).toEqual(['http://a', 'http://b']);
    now = 15_000_000;
    expect(addresses()).toEqual(['http://b']);
  });
});

describe('ForwardingClient', () => {
  it('counts the heartbeats that do not reach the active node', async () => {
    const runtime = testRuntime(new TestDisk());
    const metrics = new Metrics(runtime.clock);
    const counted: string[] = [];
    metrics.listener = ({ name }) => counted.push(name);
    const listener = { dial: () => Promise.reject(new Error('no network')) } as unknown as ClusterListener;
    const identity = { certificate: new Uint8Array(0), key: { x: 0n, y: 0n, d: 0n } };
    const client = new ForwardingClient({ ...runtime, metrics }, listener, 'a:1', identity);
    client.startHeartbeat(
      () => ({}) as EchoCall,
      () => {},
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(counted).toEqual(['vault.ha.rpc.client.echo.errors']);
    client.close();
  });
});

describe('Backoff', () => {
  test.prop([fc.array(fc.nat(1_000_000), { minLength: 30, maxLength: 30 })])(
    'grows by half, within half of itself, up to its maximum',
    (draws) => {
      let at = 0;
      const random = { bytes: () => new Uint8Array(0), below: (bound: number) => draws[at++]! % bound };
      const backoff = new Backoff(random, 15_000, 10_000_000);
      let interval = 15_000;
      for (const _ of draws) {
        const pause = backoff.next();
        expect(pause).toBeGreaterThanOrEqual(Math.floor(interval / 2));
        expect(pause).toBeLessThanOrEqual(Math.floor(interval / 2) + interval);
        interval = Math.min(10_000_000, Math.floor((interval * 3) / 2));
      }
    },
  );
});

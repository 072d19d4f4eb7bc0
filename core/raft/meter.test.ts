import { expect, test } from 'vitest';
import type { Connection } from '../runtime.ts';
import { HandClock } from '../server/services.fixture.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { type Hello, type Request, writeRequest } from './messages.ts';
import { RaftMeter } from './meter.ts';
import { Transport } from './transport.ts';
import { WireWriter } from './wire.ts';

const append = { kind: 'append', term: 1, previousTerm: 0, commitIndex: 0, entries: [] } as const;

test('a heartbeat is measured as any request, though it is answered before it could wait', () => {
  const clock = new HandClock();
  const metrics = new Metrics(clock);
  const meter = new RaftMeter(metrics);
  let receive: ((bytes: Uint8Array) => void) | undefined;
  const connection: Connection = {
    local: 'a',
    remote: 'b',
    send: () => undefined,
    onMessage: (handle) => (receive = handle),
    onClose: () => undefined,
    close: () => undefined,
  };
  const streams = {
    dial: () => Promise.reject(new Error('nobody')),
    accept: (take: (_: Connection) => void) => take(connection),
  };
  const log = { write: () => undefined };
  const transport = new Transport(
    { clock, log },
    streams,
    { id: 'a', address: 'a' },
    (rpc) => {
      meter.responded(rpc);
      transport.respond(rpc, { kind: 'append', term: 1, lastIndex: 0, success: true, noRetryBackoff: false });
    },
    meter,
  );
  const send = (message: Hello | Request): void => {
    const writer = new WireWriter();
    writeRequest(writer, message);
    receive!(writer.take());
  };
  send({ kind: 'hello', id: 'b', address: 'b' });
  send({ ...append, previousIndex: 0 });
  send({ ...append, previousIndex: 7 });
  const counts = Object.fromEntries(
    [...metrics.samples()].map(({ name, labels, value }) => [`${name} ${labels['rpcType'] ?? ''}`, value.count]),
  );
  for (const type of ['Heartbeat', 'AppendEntries']) {
    for (const name of ['rpcDecode', 'rpcEnqueue', 'rpcRespond']) {
      expect(counts, name).toHaveProperty([`vault.raft.net.${name} ${type}`], 1);
    }
  }
});

import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { Chunk, Hello, Request, Response } from './messages.ts';
import { readRequest, readResponse, writeRequest, writeResponse } from './messages.ts';
import { WireError, WireReader, WireWriter } from './wire.ts';

const number = fc.maxSafeNat();
const bytes = fc.uint8Array({ maxLength: 300 });
const server = fc.record({
  id: fc.string(),
  address: fc.string(),
  suffrage: fc.constantFrom('voter' as const, 'nonvoter' as const),
});
const entry = fc.record({
  index: number,
  term: number,
  type: fc.constantFrom('command' as const, 'noop' as const, 'configuration' as const, 'barrier' as const),
  data: bytes,
  extensions: bytes,
});
const ballot = { term: number, lastIndex: number, lastTerm: number };
const request: fc.Arbitrary<Request | Chunk | Hello> = fc.oneof(
  fc.record({
    kind: fc.constant('append' as const),
    term: number,
    previousIndex: number,
    previousTerm: number,
    commitIndex: number,
    entries: fc.array(entry),
  }),
  fc.record({ kind: fc.constant('vote' as const), ...ballot, transfer: fc.boolean() }),
  fc.record({ kind: fc.constant('pre-vote' as const), ...ballot }),
  fc.record({
    kind: fc.constant('install' as const),
    ...ballot,
    configuration: fc.record({ servers: fc.array(server) }),
    configurationIndex: number,
  }),
  fc.constant({ kind: 'timeout-now' as const }),
  fc.record({ kind: fc.constant('chunk' as const), bytes }),
  fc.constant({ kind: 'end' as const }),
  fc.record({ kind: fc.constant('hello' as const), id: fc.string(), address: fc.string() }),
);
const response: fc.Arbitrary<Response> = fc.oneof(
  fc.record({
    kind: fc.constant('append' as const),
    term: number,
    lastIndex: number,
    success: fc.boolean(),
    noRetryBackoff: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('vote' as const, 'pre-vote' as const), term: number, granted: fc.boolean() }),
  fc.record({ kind: fc.constant('install' as const), term: number, success: fc.boolean() }),
  fc.constant({ kind: 'timeout-now' as const }),
  fc.record({ kind: fc.constant('error' as const), message: fc.string() }),
);

test.prop([request])('a request is read as it was written', (message) => {
  const writer = new WireWriter();
  writeRequest(writer, message);
  const reader = new WireReader(writer.take());
  expect(readRequest(reader)).toEqual(message);
  expect(reader.done).toBe(true);
});

test.prop([response])('a response is read as it was written', (message) => {
  const writer = new WireWriter();
  writeResponse(writer, message);
  const reader = new WireReader(writer.take());
  expect(readResponse(reader)).toEqual(message);
  expect(reader.done).toBe(true);
});

test.prop([fc.uint8Array({ maxLength: 60 })])('any other bytes are refused as such', (bytes) => {
  for (const read of [readRequest, readResponse]) {
    try {
      read(new WireReader(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }
});

/** How a transaction is said in the log, and how it is checked when it is applied (facts §2.3). */
import { compareText, concatBytes, equalBytes } from '../../codec/bytes.ts';
import { asNumber, asString } from '../../codec/json-fields.ts';
import { parseObject, printString } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Footprint } from '../optimistic.ts';
import type { OrderedMap } from '../ordered.ts';
import { type LogOperation, op } from './operations.ts';
import type { StateBatch } from './state.ts';
import type { TransactionTracker } from './tracker.ts';

const SHA384 = 1;
const nothing = new Uint8Array(0);
const byKey = (a: LogOperation, b: LogOperation): number => compareText(a.key, b.key);
const open = encodeUtf8('{');
const close = encodeUtf8('}');

const fingerprint = (crypto: Crypto, key: string, value: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(SHA384), crypto.hash('sha384', open, encodeUtf8(key), close, value));

/**
 * The operations of a transaction that started at `start`: what it read, what it listed, what it wrote, each group
 * sorted (upstream's order inside a group is that of a Go map).
 */
export function transactionOperations(crypto: Crypto, start: number, footprint: Footprint): LogOperation[] {
  const reads = [...footprint.reads].map(([key, value]) => ({
    type: op.verifyRead,
    key,
    value: fingerprint(crypto, key, value ?? nothing),
  }));
  const lists = footprint.lists.map(({ prefix, after, limit, names }) => {
    const key = `{"p":${printString(prefix)},"a":${printString(after)},"l":${limit}}`;
    return { type: op.verifyList, key, value: fingerprint(crypto, key, encodeUtf8(names.join('\n'))) };
  });
  const writes = [...footprint.writes].map(([key, value]) =>
    value === undefined ? { type: op.delete, key, value: nothing } : { type: op.put, key, value },
  );
  return [
    { type: op.beginTx, key: '', value: encodeUtf8(`{"i":${start}}`) },
    ...reads.sort(byKey),
    ...lists.sort(byKey),
    ...writes.sort(byKey),
    { type: op.commitTx, key: '', value: nothing },
  ];
}

/**
 * Applies a transaction to the batch if all that it read still holds, else nothing. Gives the keys it wrote, or
 * undefined when it was rejected.
 */
export function applyTransaction(
  crypto: Crypto,
  operations: readonly LogOperation[],
  batch: StateBatch,
  tracker: TransactionTracker,
  metrics?: Metrics,
): string[] | undefined {
  const last = operations.length - 1;
  if (operations[last]!.type !== op.commitTx) return undefined;
  const start = asNumber(parseObject(decodeUtf8(operations[0]!.value))['i']) ?? 0;
  for (const [at, { type, key, value }] of operations.entries()) {
    if (type === op.beginTx && at !== 0) return undefined;
    if (type === op.commitTx && at !== last) return undefined;
    if (type === op.verifyRead && !readHolds(crypto, key, value, start, batch.data, tracker, metrics)) return undefined;
    if (type === op.verifyList && !listHolds(crypto, key, value, start, batch.data, tracker, metrics)) return undefined;
  }
  const written: string[] = [];
  for (const { type, key, value } of operations) {
    if (type === op.put) batch.put(key, value.slice());
    else if (type === op.delete) batch.delete(key);
    else continue;
    written.push(key);
  }
  return written;
}

function readHolds(
  crypto: Crypto,
  key: string,
  expected: Uint8Array,
  start: number,
  data: OrderedMap<Uint8Array>,
  tracker: TransactionTracker,
  metrics: Metrics | undefined,
): boolean {
  if (tracker.untouched(start, (written) => written === key)) {
    metrics?.count('vault.raft-storage.txn_fast_apply_read_hit');
    return true;
  }
  return equalBytes(fingerprint(crypto, key, data.get(key) ?? nothing), expected);
}

function listHolds(
  crypto: Crypto,
  key: string,
  expected: Uint8Array,
  start: number,
  data: OrderedMap<Uint8Array>,
  tracker: TransactionTracker,
  metrics: Metrics | undefined,
): boolean {
  const parameters = parseObject(key);
  const prefix = asString(parameters['p']) ?? '';
  if (tracker.untouched(start, (written) => written.startsWith(prefix))) {
    metrics?.count('vault.raft-storage.txn_fast_apply_list_hit');
    return true;
  }
  const names = data.list(prefix, { after: asString(parameters['a']) ?? '', limit: asNumber(parameters['l']) ?? 0 });
  return equalBytes(fingerprint(crypto, key, encodeUtf8(names.join('\n'))), expected);
}

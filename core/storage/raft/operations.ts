/** What a raft log entry says: LogData and LogOperation, byte for byte upstream's protobuf (facts §2.2). */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';

/** Bit flags; 8 was a read and is unused. */
export const op = {
  delete: 1,
  put: 2,
  restoreCallback: 4,
  verifyRead: 16,
  verifyList: 32,
  beginTx: 64,
  commitTx: 128,
} as const;

export interface LogOperation {
  readonly type: number;
  readonly key: string;
  readonly value: Uint8Array;
}

export interface LogData {
  readonly operations: readonly LogOperation[];
  /** No open transaction on the leader started before this index. */
  readonly lowestActiveIndex?: number | undefined;
}

/** 2^64 - 1 upstream, when no transaction is open; the largest number that is exact here stands for it. */
export const NO_ACTIVE_INDEX = Number.MAX_SAFE_INTEGER;

export function encodeLogData({ operations, lowestActiveIndex }: LogData): Uint8Array {
  const log = new ProtobufWriter();
  for (const { type, key, value } of operations) {
    log.message(1, new ProtobufWriter().uint(1, type).text(3, key).bytes(4, value));
  }
  if (lowestActiveIndex !== undefined) log.explicitUint(2, lowestActiveIndex);
  return log.finish();
}

/** Values are views into `bytes`. */
export function decodeLogData(bytes: Uint8Array): LogData {
  const operations: LogOperation[] = [];
  let lowestActiveIndex: number | undefined;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) operations.push(decodeOperation(reader.message()));
    else if (reader.field === 2) lowestActiveIndex = Math.min(reader.uint(), NO_ACTIVE_INDEX);
  }
  return { operations, lowestActiveIndex };
}

const nothing = new Uint8Array(0);

function decodeOperation(reader: ProtobufReader): LogOperation {
  let type = 0;
  let key = '';
  let value: Uint8Array = nothing;
  while (reader.next()) {
    if (reader.field === 1) type = reader.uint();
    else if (reader.field === 3) key = reader.text();
    else if (reader.field === 4) value = reader.bytes();
  }
  return { type, key, value };
}

/** bbolt's limit. */
export const MAX_KEY_BYTES = 32_768;
export const DEFAULT_MAX_ENTRY_BYTES = 1024 * 1024;
export const DEFAULT_MAX_TRANSACTION_BYTES = 8 * 1024 * 1024;
/** Longer entries travel in pieces. */
export const CHUNK_BYTES = 512 * 1024;

export interface SizeLimits {
  readonly maxEntryBytes: number;
  readonly maxTransactionBytes: number;
}

export function checkKeySize(key: string): void {
  if (key.length * 3 > MAX_KEY_BYTES && encodeUtf8(key).length > MAX_KEY_BYTES) {
    throw failure(`put failed due to key being too large, max key size for integrated storage is ${MAX_KEY_BYTES}`);
  }
}

/** Of an encoded LogData. */
export function checkLogSize(bytes: number, operations: number, inTransaction: boolean, limits: SizeLimits): void {
  if (inTransaction) {
    if (bytes <= limits.maxTransactionBytes) return;
    throw failure(
      `put failed due to value being too large; got ${bytes} bytes, max: ${limits.maxTransactionBytes} bytes, ${operations} operations in transaction`,
    );
  }
  if (bytes <= limits.maxEntryBytes) return;
  throw failure(`put failed due to value being too large; got ${bytes} bytes, max: ${limits.maxEntryBytes} bytes`);
}

/** google.protobuf.Timestamp and Duration. */
import { type ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import type { Micros } from '../../runtime.ts';

/** Nanoseconds are kept: a store written by the real server has them. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** int64 fields wrap, as protobuf writes them. */
const int64 = (value: number): number | bigint => (value < 0 ? BigInt.asUintN(64, BigInt(value)) : value);

export function timestamp(writer: ProtobufWriter, field: number, time: Timestamp | undefined): void {
  if (time === undefined) return;
  writer.message(field, new ProtobufWriter().uint(1, int64(time.seconds)).uint(2, time.nanos));
}

export function readTimestamp(reader: ProtobufReader): Timestamp {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int();
    else if (reader.field === 2) nanos = reader.uint();
  }
  return { seconds, nanos };
}

export function duration(writer: ProtobufWriter, field: number, micros: Micros | undefined): void {
  if (micros === undefined) return;
  const seconds = Math.trunc(micros / 1_000_000);
  const nanos = (micros - seconds * 1_000_000) * 1_000;
  writer.message(field, new ProtobufWriter().uint(1, int64(seconds)).uint(2, int64(nanos)));
}

export function readDuration(reader: ProtobufReader): Micros {
  let micros = 0;
  while (reader.next()) {
    if (reader.field === 1) micros += reader.int() * 1_000_000;
    else if (reader.field === 2) micros += Math.trunc(reader.int() / 1_000);
  }
  return micros;
}

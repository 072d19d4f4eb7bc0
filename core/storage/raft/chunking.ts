/** Large log entries in pieces: ChunkInfo beside each piece, the pieces kept in the state until all are there. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { concatBytes } from '../../codec/bytes.ts';
import { asNumber, asString } from '../../codec/json-fields.ts';
import { parseObject } from '../../codec/json.ts';
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { StateBatch } from './state.ts';
import { CHUNK_BYTES } from './operations.ts';

const PREFIX = 'raftchunking/';

interface ChunkInfo {
  /** 64 random bits. */
  readonly opNum: bigint;
  readonly sequence: number;
  readonly count: number;
}

export interface Chunk {
  readonly data: Uint8Array;
  readonly extensions: Uint8Array;
}

/** `random` is 8 bytes that name the operation. */
export function split(data: Uint8Array, random: Uint8Array): Chunk[] {
  const opNum = random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const count = Math.ceil(data.length / CHUNK_BYTES);
  return Array.from({ length: count }, (_, sequence) => ({
    data: data.subarray(sequence * CHUNK_BYTES, (sequence + 1) * CHUNK_BYTES),
    extensions: new ProtobufWriter().uint(1, opNum).uint(2, sequence).uint(3, count).finish(),
  }));
}

function chunkInfo(extensions: Uint8Array): ChunkInfo {
  let [opNum, sequence, count] = [0n, 0, 0];
  const reader = new ProtobufReader(extensions);
  while (reader.next()) {
    if (reader.field === 1) opNum = reader.big();
    else if (reader.field === 2) sequence = reader.uint();
    else if (reader.field === 3) count = reader.uint();
  }
  return { opNum, sequence, count };
}

/**
 * Takes one piece. Gives the whole data once the last piece is there, and forgets the pieces; undefined before.
 *
 * A leader that fell left its pieces behind: those of other terms are dropped. (Upstream remembers the last term in
 * memory only, so a restart in the middle of an operation loses it on that node alone; here the pieces carry it.)
 */
export function collect(batch: StateBatch, term: number, chunk: Chunk): Uint8Array | undefined {
  const info = chunkInfo(chunk.extensions);
  dropOtherTerms(batch, term);
  const folder = `${PREFIX}${info.opNum}/`;
  const stored = `{"OpNum":${info.opNum},"SequenceNum":${info.sequence},"NumChunks":${info.count},"Term":${term},"Data":"${encodeBase64(chunk.data)}"}`;
  batch.put(folder + String(info.sequence), encodeUtf8(stored));
  const names = batch.data.list(folder);
  if (names.length < info.count) return undefined;
  const pieces: Uint8Array[] = [];
  for (let sequence = 0; sequence < info.count; sequence++) {
    pieces.push(decodeBase64(asString(parseObject(batch.data.get(folder + String(sequence))!)['Data']) ?? ''));
    batch.delete(folder + String(sequence));
  }
  return concatBytes(...pieces);
}

function dropOtherTerms(batch: StateBatch, term: number): void {
  for (const folder of batch.data.list(PREFIX)) {
    for (const name of batch.data.list(PREFIX + folder)) {
      const key = PREFIX + folder + name;
      if (asNumber(parseObject(batch.data.get(key)!)['Term']) !== term) batch.delete(key);
    }
  }
}

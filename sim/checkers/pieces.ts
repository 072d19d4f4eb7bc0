/** What the state of one node still holds of large log entries that come in pieces. */
import { asNumber } from '../../core/codec/json-fields.ts';
import { parseObject } from '../../core/codec/json.ts';

/** `raftchunking/<operation>/<piece>` */
const PIECE = /^raftchunking\/(\d+)\/\d+$/;

/**
 * Pieces wait for the rest of their operation, and those of another term are dropped when one comes: so no operation
 * may lie there whole, nor may two terms.
 */
export function wrongInPieces(entries: Iterable<readonly [key: string, value: Uint8Array]>): string | undefined {
  const terms = new Set<number>();
  const missing = new Map<string, number>();
  for (const [key, value] of entries) {
    const operation = PIECE.exec(key)?.[1];
    if (operation === undefined) continue;
    const piece = parseObject(value);
    terms.add(asNumber(piece['Term']) ?? 0);
    const left = (missing.get(operation) ?? asNumber(piece['NumChunks']) ?? 0) - 1;
    if (left === 0) return `all pieces of operation ${operation} are there still`;
    missing.set(operation, left);
  }
  return terms.size > 1 ? `there are pieces of the terms ${[...terms].join(' and ')}` : undefined;
}

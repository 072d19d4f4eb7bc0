/**
 * Memory for byte strings that are soon forgotten. An array with a buffer of its own costs ten times as much as a view
 * into a large one, and a request makes dozens. What is kept for long (an entry of a store, of a log) must not come
 * from here: it would hold its whole slab. Nor may a view be posted to another thread: all of the slab would go with it.
 * This is no state: no place is given out twice.
 */
const SLAB = 32 * 1024;
/** Up to so many bytes; more are worth a buffer of their own. */
const MOST = 2 * 1024;
/** V8 keeps arrays up to this size in its own heap, where making them costs little. */
const LEAST = 64;

let slab = new ArrayBuffer(SLAB);
let used = 0;

/** So many zero bytes. */
export function shortLived(length: number): Uint8Array {
  if (length <= LEAST || length > MOST) return new Uint8Array(length);
  if (used + length > SLAB) renew();
  const bytes = new Uint8Array(slab, used, length);
  used += length;
  return bytes;
}

export function shortLivedCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= LEAST || bytes.length > MOST) return bytes.slice();
  const copy = shortLived(bytes.length);
  copy.set(bytes);
  return copy;
}

/** What `fill` writes into at most `most` bytes, of which it tells how many it used. */
export function filled(most: number, fill: (room: Uint8Array) => number): Uint8Array {
  if (used + most > SLAB) renew();
  const room = new Uint8Array(slab, used, most);
  const length = fill(room);
  used += length;
  return new Uint8Array(slab, room.byteOffset, length);
}

function renew(): void {
  slab = new ArrayBuffer(SLAB);
  used = 0;
}

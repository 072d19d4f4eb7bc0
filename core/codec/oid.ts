/** Object identifiers: dotted text and their DER contents (X.690, section 8.19). */

/** Arcs of any size; one below zero has no bytes, as with Go. */
export function encodeOid(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split('.').map((arc) => BigInt(arc.replace(/^\+/, '')));
  const out: number[] = [];
  for (const arc of [first! * 40n + second!, ...rest]) {
    if (arc < 0n) continue;
    const digits = [Number(arc & 127n)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) digits.push(Number(left & 127n) | 0x80);
    out.push(...digits.reverse());
  }
  return Uint8Array.from(out);
}

/** Undefined when the bytes are no identifier. */
export function decodeOid(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.at(-1)! >= 0x80) return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of bytes) {
    if (arc === 0n && byte === 0x80) return undefined;
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const first = arcs[0]! < 40n ? 0n : arcs[0]! < 80n ? 1n : 2n;
  return [first, arcs[0]! - first * 40n, ...arcs.slice(1)].join('.');
}

/** DER as a tree that can be bent in one place and written again with lengths that fit. */
import { concatBytes } from '../../../core/codec/bytes.ts';

export interface DerNode {
  tag: number;
  /** Elements inside of a constructed one; undefined for what is not made of whole elements. */
  inside: DerNode[] | undefined;
  contents: Uint8Array;
}

/** Undefined when the bytes are not whole elements, one after the other. */
export function readTree(bytes: Uint8Array, depth = 0): DerNode[] | undefined {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!;
    let length = bytes[at + 1];
    if (length === undefined || length === 0x80) return undefined;
    at += 2;
    if (length > 0x80) {
      const octets = length - 0x80;
      if (octets > 3) return undefined;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + i] ?? 0);
      at += octets;
    }
    if (at + length > bytes.length) return undefined;
    const contents = bytes.subarray(at, at + length);
    at += length;
    nodes.push({ tag, contents, inside: insideOf(tag, contents, depth) });
  }
  return nodes;
}

/** Octet and bit strings often hold DER of their own (extensions, keys). */
function insideOf(tag: number, contents: Uint8Array, depth: number): DerNode[] | undefined {
  if (depth > 30 || ((tag & 0x20) === 0 && tag !== 4)) return undefined;
  return contents.length === 0 && tag === 4 ? undefined : readTree(contents, depth + 1);
}

export function writeTree(nodes: readonly DerNode[]): Uint8Array {
  return concatBytes(
    ...nodes.map(({ tag, inside, contents }) => {
      const body = inside === undefined ? contents : writeTree(inside);
      return concatBytes(Uint8Array.of(tag, ...lengthOctets(body.length)), body);
    }),
  );
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest & 0xff);
  return [0x80 + octets.length, ...octets];
}

/** Every list of siblings, outermost first. */
export function levels(nodes: DerNode[]): DerNode[][] {
  return [nodes, ...nodes.flatMap(({ inside }) => (inside === undefined ? [] : levels(inside)))].filter(
    (level) => level.length > 0,
  );
}

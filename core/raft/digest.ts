/** A short fingerprint of an entry, for the checkers to compare replicas by. Not cryptographic. */
import type { Entry } from './types.ts';

const types = { command: 1, noop: 2, configuration: 3, barrier: 4 } as const;

/**
 * 64 bits in hex over term, type, data and extensions: two multiplicative hashes side by side.
 * The first entry counts by its place only: each node that joins bootstraps itself with a configuration of its own
 * there, as upstream.
 */
export function entryDigest(entry: Entry): string {
  let a = Math.imul(entry.term ^ (types[entry.type] << 24), 0x9e3779b1);
  let b = Math.imul(entry.term + types[entry.type], 0x85ebca6b) ^ entry.data.length;
  if (entry.index === 1 && entry.type === 'configuration') return '0000000000000001';
  const { data, extensions } = entry;
  const whole = data.length & ~3;
  let at = 0;
  for (; at < whole; at += 4) {
    const word = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    a = Math.imul(a ^ word, 0x01000193);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b + word, 0xc2b2ae35) ^ (b >>> 15);
  }
  for (; at < data.length; at++) {
    a = Math.imul(a ^ data[at]!, 0x01000193);
    b = Math.imul(b + data[at]!, 0xc2b2ae35) ^ (b >>> 15);
  }
  a ^= extensions.length;
  for (let i = 0; i < extensions.length; i++) {
    a = Math.imul(a ^ extensions[i]!, 0x01000193);
    b = Math.imul(b + extensions[i]!, 0xc2b2ae35) ^ (b >>> 15);
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}

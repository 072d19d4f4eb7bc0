/** UUIDs as upstream makes them: 16 random bytes in the usual grouping, without version or variant bits. */
import { encodeHex } from './hex.ts';

/** `random` gives secret bytes (Runtime.random.bytes). */
export function makeUuid(random: (length: number) => Uint8Array): string {
  return formatUuid(random(16));
}

export function formatUuid(bytes: Uint8Array): string {
  const hex = encodeHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

export const isUuid = (text: string): boolean => /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text);

/** IP addresses and blocks of them, with Go's and go-sockaddr's notions of what is one. */
import { quote } from './go-quote.ts';

export interface Block {
  /** 32 or 128: the width of the address. */
  readonly width: number;
  readonly value: bigint;
  /** How many leading bits count. */
  readonly length: number;
}

/** net.ParseIP: no zone, no leading zeros; IPv4 in IPv6 is IPv4. */
export function parseIp(text: string): { readonly width: number; readonly value: bigint } | undefined {
  if (!text.includes(':')) {
    const value = parseV4(text);
    return value === undefined ? undefined : { width: 32, value };
  }
  const value = parseV6(text);
  if (value === undefined) return undefined;
  return value >> 32n === 0xffffn ? { width: 32, value: value & 0xffff_ffffn } : { width: 128, value };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => groupsOf(half));
  const [head, tail] = groups;
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])].reduce((sum, one) => (sum << 16n) | one, 0n);
}

function groupsOf(text: string): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

/** net.ParseCIDR; undefined for `invalid CIDR address`. */
export function parseCidr(text: string): Block | undefined {
  const at = text.indexOf('/');
  if (at < 0) return undefined;
  const ip = parseIp(text.slice(0, at));
  const digits = text.slice(at + 1);
  const length = Number(digits);
  if (ip === undefined || !/^\d{1,8}$/.test(digits) || length > ip.width) return undefined;
  return { ...ip, length };
}

export function contains(block: Block, ip: { readonly width: number; readonly value: bigint }): boolean {
  if (block.width !== ip.width) return false;
  const free = BigInt(block.width - block.length);
  return block.value >> free === ip.value >> free;
}

/** Whether all of `inner` lies in `outer`. */
export const isSubset = (outer: Block, inner: Block): boolean => inner.length >= outer.length && contains(outer, inner);

/** The dotted or the shortest colon form. */
export function printIp({ width, value }: { readonly width: number; readonly value: bigint }): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = 0;
  let bestAt = -1;
  for (let at = 0; at < 8; at++) {
    let run = 0;
    while (at + run < 8 && groups[at + run] === 0) run++;
    if (run > best && run > 1) [best, bestAt] = [run, at];
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestAt < 0) return hex.join(':');
  return `${hex.slice(0, bestAt).join(':')}::${hex.slice(bestAt + best).join(':')}`;
}

export interface Endpoint extends Block {
  /** 0: none. */
  readonly port: number;
}

/** go-sockaddr's NewIPAddr: an address, a block, or an address with a port. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const ip = parseIp(text.replace(/^\[([^\]]*)\]$/, '$1'));
  if (ip !== undefined) return { ...ip, length: ip.width, port: 0 };
  const block = parseCidr(text);
  if (block !== undefined) return { ...block, port: 0 };
  const [, host = '', port] = /^(\d+\.\d+\.\d+\.\d+|\[[^\]]*\]):(\d{1,5})$/.exec(text) ?? [];
  const address = parseIp(host.replace(/[[\]]/g, ''));
  if (address === undefined || Number(port) > 65_535) return undefined;
  return { ...address, length: address.width, port: Number(port) };
}

/** With its length where it is no single address, or with its port. */
export function printEndpoint({ port, ...block }: Endpoint): string {
  if (port > 0) return block.width === 32 ? `${printIp(block)}:${port}` : `[${printIp(block)}]:${port}`;
  return block.length === block.width ? printIp(block) : `${printIp(block)}/${block.length}`;
}

/** go-sockaddr's NewSockAddr and back to text: an endpoint, or anything with a '/' as the path of a UNIX socket (which prints quoted). */
export function canonicalAddress(text: string): string | undefined {
  const endpoint = parseEndpoint(text);
  if (endpoint !== undefined) return printEndpoint(endpoint);
  return text.length > 1 && text.includes('/') ? quote(text) : undefined;
}

/** Whether an address lies in one of these (canonical) addresses and blocks; those with ports or paths hold nothing. */
export function inAddresses(address: string, blocks: readonly string[]): boolean {
  const ip = parseIp(address);
  if (ip === undefined) return false;
  return blocks.some((text) => {
    const single = parseIp(text);
    const block = single === undefined ? parseCidr(text) : { ...single, length: single.width };
    return block !== undefined && contains(block, ip);
  });
}

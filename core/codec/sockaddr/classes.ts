/** What Go's net.IP says that an address is. */
import { contains, parseCidr } from '../address.ts';
import type { Block } from '../address.ts';

const BLOCKS: readonly (readonly [kind: string, blocks: readonly string[]])[] = [
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['unspecified', ['0.0.0.0/32', '::/128']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  ['link-local multicast', ['224.0.0.0/24']],
  ['link-local unicast', ['169.254.0.0/16', 'fe80::/10']],
];

const SCOPES: Readonly<Record<number, string>> = { 1: 'interface-local multicast', 2: 'link-local multicast' };

const NOT_GLOBAL = ['loopback', 'unspecified', 'multicast', 'link-local unicast'];

export function classOf(block: Block): Set<string> {
  const kinds = new Set<string>();
  for (const [kind, blocks] of BLOCKS) if (blocks.some((text) => contains(parseCidr(text)!, block))) kinds.add(kind);
  const scope = block.width === 128 && kinds.has('multicast') ? SCOPES[Number((block.value >> 112n) & 15n)] : undefined;
  if (scope !== undefined) kinds.add(scope);
  const broadcast = block.width === 32 && block.value === 0xffff_ffffn;
  if (!broadcast && !NOT_GLOBAL.some((kind) => kinds.has(kind))) kinds.add('global unicast');
  return kinds;
}

/** A few addresses and blocks of addresses that lie in each other. */
import type { Stream } from '../random.ts';

export const ADDRESSES = ['10.1.0.5', '10.2.0.5', '192.168.0.5'] as const;

/** By what their addresses begin with. */
const BEGINNINGS = {
  '10.0.0.0/8': '10.',
  '10.1.0.0/16': '10.1.',
  '10.2.0.0/16': '10.2.',
  '10.1.0.5/32': '10.1.0.5',
  '192.168.0.0/24': '192.168.0.',
} as const;
export type Block = keyof typeof BEGINNINGS;

/** None at all half of the time; `outer` are those in which they mostly lie. */
export function someBlocks(dice: Stream, outer: readonly Block[] = []): Block[] {
  if (dice.below(2) === 0) return [];
  const blocks = dice.shuffle(Object.keys(BEGINNINGS) as Block[]).slice(0, 1 + dice.below(2));
  return areWithin(blocks, outer) || dice.below(3) === 0 ? blocks : outer.slice(0, 1);
}

/** None is no limit. */
export const isWithin = (address: string, blocks: readonly Block[]): boolean =>
  blocks.length === 0 || blocks.some((block) => address.startsWith(BEGINNINGS[block]));

/** Whether each of them lies in one of the others; where there are none on either side, nothing is asked. */
export const areWithin = (inner: readonly Block[], outer: readonly Block[]): boolean =>
  outer.length === 0 || inner.every((block) => outer.some((other) => BEGINNINGS[block].startsWith(BEGINNINGS[other])));

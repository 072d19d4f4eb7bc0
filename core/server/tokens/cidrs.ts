/** Blocks of addresses as upstream normalises them: a block of one address loses its length. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';

const V4 = /^(\d{1,3}\.){3}\d{1,3}$/;
const V6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/;

/** Refuses what is no address; `context` goes in front of the text. */
export function parseCidrs(blocks: readonly string[], context = ''): string[] {
  return blocks.map((block) => {
    const [address = '', length, ...rest] = block.split('/');
    const v4 = V4.test(address);
    const width = v4 ? 32 : 128;
    const size = length === undefined ? width : /^\d+$/.test(length) ? Number(length) : Number.NaN;
    if (rest.length > 0 || !(v4 || V6.test(address)) || !(size <= width)) {
      throw refuse(
        `${context}error parsing address ${quote(block)}: Unable to convert ${quote(block)} to an IPv4 or IPv6 address, or a UNIX Socket`,
      );
    }
    return size === width ? address : block;
  });
}

/** Lists of blocks of addresses, as roles for one-time passwords have them. */
import { compareText } from '../../codec/bytes.ts';
import { contains, parseCidr, parseIp } from '../../codec/address.ts';
import { quote } from '../../codec/go-quote.ts';

export class BlockError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BlockError';
  }
}

/** A list with commas, before it is stored. Throws BlockError. */
export function checkBlocks(list: string): void {
  // In lower case and sorted, so that of several mistakes the first by name is told.
  const blocks = list
    .toLowerCase()
    .split(',')
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .sort(compareText);
  if (blocks.length === 0) throw new BlockError('missing CIDR blocks that needs validation');
  for (const block of blocks) {
    if (parseCidr(block) === undefined) throw new BlockError(`invalid CIDR address: ${block}`);
  }
}

const outside = (): BlockError => new BlockError('IP does not belong to role');

/** Whether the address is in a stored list. Throws BlockError for an empty list, and for what is no block (a stray space is enough). */
export function inBlocks(address: string, list: string): boolean {
  const ip = parseIp(address);
  if (list === '' || ip === undefined) throw outside();
  for (const item of list.split(',')) {
    const block = parseCidr(item);
    if (block === undefined) throw new BlockError(`invalid CIDR entry ${quote(item)}`);
    if (contains(block, ip)) return true;
  }
  return false;
}

/** Throws BlockError unless the address is in the one list and not in the other. */
export function checkAddress(address: string, included: string, excluded: string): void {
  if (!inBlocks(address, included)) throw outside();
  if (excluded !== '' && inBlocks(address, excluded)) throw outside();
}

/** `math`: other addresses, reckoned from an interface's. */
import type { Block } from '../address.ts';
import { quote } from '../go-quote.ts';
import { GoTemplateError } from '../go-template/lexer.ts';
import { parseGoUint } from '../go-uint.ts';
import { InterfaceAddress } from './interfaces.ts';

const fail = (text: string): never => {
  throw new GoTemplateError(text);
};

export function reckoned(operation: string, value: string, address: InterfaceAddress): InterfaceAddress {
  try {
    return new InterfaceAddress(apply(operation, value, address.block), address.of);
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    return fail(`unable to perform an IPMath operation on ${address.text}: ${error.message}`);
  }
}

function apply(operation: string, value: string, block: Block): Block {
  switch (operation.toLowerCase()) {
    case 'address':
      return { ...block, value: BigInt.asUintN(block.width, block.value + signed(operation, value, block)) };
    case 'network':
      return { ...block, value: inNetwork(signed(operation, value, block), block) };
    case 'mask':
      return masked(operation, value, block);
    default:
      return fail(`unsupported math operation: ${quote(operation)}`);
  }
}

const unreadable = (operation: string, value: string, reason: string): never =>
  fail(`unable to convert ${quote(value)} to int for operation ${quote(operation)}: ${reason}`);

/** Of 33 bits for IPv4 and 64 for IPv6. */
function signed(operation: string, value: string, { width }: Block): bigint {
  if (!/^[\t\n\f\r ]*[+-]/.test(value)) fail(`sign (+/-) is required for operation ${quote(operation)}`);
  const wrong = (why: string): never =>
    unreadable(operation, value, `strconv.ParseInt: parsing ${quote(value)}: ${why}`);
  if (!/^[+-]?\d+$/.test(value)) wrong('invalid syntax');
  const number = BigInt(value.replace(/^\+/, ''));
  return number === BigInt.asIntN(width === 32 ? 33 : 64, number) ? number : wrong('value out of range');
}

/** From the network's first address on, or backwards from its last. */
function inNetwork(offset: bigint, { width, value, length }: Block): bigint {
  const hosts = (1n << BigInt(width - length)) - 1n;
  const network = (value >> BigInt(width - length)) << BigInt(width - length);
  if (width === 32) return network + ((offset < 0n ? hosts + 1n + offset : offset) & hosts);
  if (offset > 0n) return network + (offset & hosts);
  // Nothing, which upstream counts backwards from 1 as well, leaves 17 bytes there, of which it shows the first 16.
  if (offset === 0n) return ((1n << 128n) + network) >> 8n;
  return network + hosts - ((-offset - 1n) & hosts);
}

function masked(operation: string, text: string, block: Block): Block {
  const { width, value } = block;
  let length: number;
  try {
    length = parseGoUint(text, 32);
  } catch (error) {
    return unreadable(operation, text, error instanceof Error ? error.message : '');
  }
  if (length > width) {
    const kind = width === 32 ? 'ipv4 addresses must be between 0 and 32' : 'ipv6 addresses must be between 0 and 64';
    fail(`parameter for operation ${quote(operation)} on ${kind}`);
  }
  const free = BigInt(width - length);
  return { width, value: (value >> free) << free, length: Math.min(length, block.length) };
}

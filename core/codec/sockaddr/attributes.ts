/** `attr` and `join`: what can be asked of an address. */
import { printIp } from '../address.ts';
import type { Block } from '../address.ts';
import { quote } from '../go-quote.ts';
import { GoTemplateError } from '../go-template/lexer.ts';
import { showBlock, showFlags, versionOf } from './interfaces.ts';
import type { InterfaceAddress } from './interfaces.ts';

const free = ({ width, length }: Block): bigint => BigInt(width - length);
const first = (block: Block): bigint => (block.value >> free(block)) << free(block);
const last = (block: Block): bigint => first(block) + (1n << free(block)) - 1n;
/** Of IPv4's networks the ends are none to use. */
const inside = (block: Block): bigint => (block.width === 32 && block.length < 31 ? 1n : 0n);
const show = ({ width }: Block, value: bigint): string => printIp({ width, value });

const BOTH: Readonly<Record<string, (block: Block) => string>> = {
  address: (block) => printIp(block),
  binary: ({ width, value }) => value.toString(2).padStart(width, '0'),
  first_usable: (block) => show(block, first(block) + inside(block)),
  hex: ({ width, value }) => value.toString(16).padStart(width / 4, '0'),
  host: (block) => printIp(block),
  last_usable: (block) => show(block, last(block) - inside(block)),
  mask_bits: ({ length }) => String(length),
  netmask: (block) => show(block, ((1n << BigInt(block.length)) - 1n) << free(block)),
  network: (block) => show(block, first(block)),
  octets: ({ width, value }) =>
    Array.from({ length: width / 8 }, (_, i) => String((value >> BigInt(width - 8 - 8 * i)) & 255n)).join(' '),
  port: () => '0',
  size: (block) => String(1n << free(block)),
  string: showBlock,
  type: (block) => `IP${versionOf(block)}`,
};

const V4: Readonly<Record<string, (block: Block) => string>> = {
  broadcast: (block) => show(block, last(block)),
  uint32: ({ value }) => String(value),
};
const V6: Readonly<Record<string, (block: Block) => string>> = { uint128: ({ value }) => String(value) };

/** Throws GoTemplateError. */
export function attributeOf(selector: string, { block, of }: InterfaceAddress): string {
  const name = selector.toLowerCase();
  if (name === 'name' && of.name !== '') return of.name;
  if (name === 'flags') return showFlags(of);
  const known = [BOTH, block.width === 32 ? V4 : V6].find((one) => Object.hasOwn(one, name));
  if (known === undefined) throw new GoTemplateError(`unsupported attribute name ${quote(name)}`);
  return known[name]!(block);
}

/** `include` and `exclude`: which addresses a selector takes, and which it leaves. */
import { isSubset, parseEndpoint } from '../address.ts';
import type { Block } from '../address.ts';
import { quoteAscii } from '../go-quote.ts';
import { quote } from '../go-quote.ts';
import { GoRegexp, RegexpError } from '../go-regexp.ts';
import { GoTemplateError } from '../go-template/lexer.ts';
import { parseGoUint } from '../go-uint.ts';
import { classOf } from './classes.ts';
import { showBlock, versionOf } from './interfaces.ts';
import type { InterfaceAddress, InterfaceFlag } from './interfaces.ts';
import { blocksOf, isSetAside, NOT_FORWARDED } from './registry.ts';

type Addresses = readonly InterfaceAddress[];

/** An address may be in both, and more than once, as with upstream. */
export interface Parted {
  readonly taken: Addresses;
  readonly left: Addresses;
}

const fail = (text: string): never => {
  throw new GoTemplateError(text);
};

type Selector = (param: string, addresses: Addresses) => Parted;

const SELECTORS: ReadonlyMap<string, Selector> = new Map<string, Selector>([
  [
    'address',
    (param, all) =>
      parted(
        all,
        matching('address', param, ({ block }) => showBlock(block)),
      ),
  ],
  ['flag', byFlags],
  ['flags', byFlags],
  ['name', byName],
  ['network', byNetworks],
  [
    'port',
    (param, all) =>
      parted(
        all,
        matching('port', param, () => '0'),
      ),
  ],
  ['rfc', byRfcs],
  ['rfcs', byRfcs],
  ['size', bySize],
  ['type', byTypes],
]);

/** `verb` stands in the error of a selector that is none. */
export function select(verb: 'include' | 'exclude', name: string, param: string, addresses: Addresses): Addresses {
  const selector = SELECTORS.get(name.toLowerCase()) ?? fail(`invalid ${verb} selector ${quote(name)}`);
  const { taken, left } = selector(param, addresses);
  return verb === 'include' ? taken : left;
}

export function byName(pattern: string, addresses: Addresses): Parted {
  return parted(
    addresses,
    matching('name', pattern, ({ of }) => of.name),
  );
}

const parted = (addresses: Addresses, takes: (one: InterfaceAddress) => boolean): Parted => ({
  taken: addresses.filter(takes),
  left: addresses.filter((one) => !takes(one)),
});

/** One after the other, each over all addresses. */
const joined = (parts: readonly Parted[]): Parted => ({
  taken: parts.flatMap(({ taken }) => taken),
  left: parts.flatMap(({ left }) => left),
});

function matching(what: string, pattern: string, text: (one: InterfaceAddress) => string) {
  try {
    const regexp = new GoRegexp(pattern);
    return (one: InterfaceAddress): boolean => regexp.test(text(one));
  } catch (error) {
    if (!(error instanceof RegexpError)) throw error;
    return fail(`Unable to compile ${what} regexp ${quoteAscii(pattern)}: ${error.message}`);
  }
}

function uint(text: string, before: string): number {
  try {
    return parseGoUint(text, 64);
  } catch (error) {
    return fail(`${before}${error instanceof Error ? error.message : ''}`);
  }
}

export function byRfc(rfc: string, addresses: Addresses): Parted {
  const number = String(uint(rfc, `unable to parse RFC number ${quote(rfc)}: `));
  if (blocksOf(number) === undefined) fail(`unsupported RFC ${number}`);
  return parted(addresses, ({ block }) => isSetAside(number, block));
}

function byRfcs(param: string, addresses: Addresses): Parted {
  const each = param.split('|').map((rfc) => {
    try {
      return byRfc(rfc, addresses);
    } catch (error) {
      if (!(error instanceof GoTemplateError)) throw error;
      return fail(`unable to lookup RFC number ${quote(rfc)}: ${error.message}`);
    }
  });
  return joined(each);
}

function byNetworks(param: string, addresses: Addresses): Parted {
  const each = param.split('|').map((text) => {
    const network: Block =
      parseEndpoint(text) ?? fail(`unable to create an IP address from ${quoteAscii(text)}: invalid IPAddr ${text}`);
    return parted(addresses, ({ block }) => isSubset(network, block));
  });
  return joined(each);
}

function bySize(param: string, addresses: Addresses): Parted {
  const size = uint(param, `invalid exclude size argument (${quote(param)}): `);
  for (const { block } of addresses) {
    if (size > block.width) fail(`mask size out of bounds for IP${versionOf(block)} address: ${size}`);
  }
  return parted(addresses, ({ block }) => block.length === size);
}

const TYPES: ReadonlyMap<string, number> = new Map([
  ['ip', 0],
  ['ipv4', 32],
  ['ipv6', 128],
  ['unix', -1],
]);

function byTypes(param: string, addresses: Addresses): Parted {
  const widths = param
    .toLowerCase()
    .split('|')
    .map((type) => TYPES.get(type) ?? fail(`unsupported type ${quote(type)} ${quote(param)}`));
  const pairs = addresses.flatMap((one) =>
    widths.map((width) => ({ one, fits: width === 0 || width === one.block.width })),
  );
  return {
    taken: pairs.filter(({ fits }) => fits).map(({ one }) => one),
    left: pairs.filter(({ fits }) => !fits).map(({ one }) => one),
  };
}

/** What a word asks of the interface, of the address, or of either. */
const FLAG_WORDS: ReadonlyMap<string, { readonly flag?: InterfaceFlag; readonly kind?: string }> = new Map([
  ['broadcast', { flag: 'broadcast' }],
  ['forwardable', { kind: 'forwardable' }],
  ['global unicast', { kind: 'global unicast' }],
  ['interface-local multicast', { kind: 'interface-local multicast' }],
  ['link-local multicast', { kind: 'link-local multicast' }],
  ['link-local unicast', { kind: 'link-local unicast' }],
  ['loopback', { flag: 'loopback', kind: 'loopback' }],
  ['multicast', { flag: 'multicast', kind: 'multicast' }],
  ['point-to-point', { flag: 'pointtopoint' }],
  ['unspecified', { kind: 'unspecified' }],
  ['up', { flag: 'up' }],
] as const);

/** All of the interface's flags, or any of the address's kinds; `down` takes `up` back, and asks for nothing itself. */
export function byFlags(param: string, addresses: Addresses): Parted {
  const flags = new Set<InterfaceFlag>();
  const kinds = new Set<string>();
  let checksFlags = false;
  for (const word of param.toLowerCase().split('|')) {
    if (word === 'down') flags.delete('up');
    const asked = word === 'down' ? {} : FLAG_WORDS.get(word);
    if (asked === undefined) return fail(`Unknown interface flag: ${quoteAscii(word)}`);
    if (asked.flag !== undefined) flags.add(asked.flag);
    if (asked.kind !== undefined) kinds.add(asked.kind);
    checksFlags ||= asked.flag !== undefined || word === 'down';
  }
  return parted(addresses, ({ block, of }) => {
    if (checksFlags && [...flags].every((flag) => of.flags.has(flag))) return true;
    if (kinds.has('forwardable') && !isSetAside(NOT_FORWARDED, block)) return true;
    return [...classOf(block)].some((kind) => kinds.has(kind));
  });
}

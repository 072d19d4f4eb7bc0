/** go-sockaddr's templates: addresses that are found on the machine rather than written down. */
import { printIp } from '../address.ts';
import { quote, quoteAscii } from '../go-quote.ts';
import { trimGoSpace } from '../go-space.ts';
import { templateFunction } from '../go-template/functions.ts';
import type { TemplateFunctions } from '../go-template/functions.ts';
import { GoTemplateError } from '../go-template/lexer.ts';
import { GoTemplate } from '../go-template/template.ts';
import type { TemplateValue } from '../go-template/values.ts';
import { GoSlice, goType, showInside } from '../go-template/values.ts';
import { attributeOf } from './attributes.ts';
import { InterfaceAddress, addressesOf, allAddresses, showBlock } from './interfaces.ts';
import type { InterfaceAddresses, Interfaces } from './interfaces.ts';
import { reckoned } from './math.ts';
import { sorted } from './order.ts';
import { NOT_FORWARDED } from './registry.ts';
import { byFlags, byName, byRfc, select } from './select.ts';

/** It is no template, or none that gives one address; upstream's text. */
export class AddressTemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AddressTemplateError';
  }
}

/** An address where one has to be said: as it is written, or what its template gives. Throws AddressTemplateError. */
export function singleAddress(text: string, interfaces: () => Interfaces): string {
  if (!/\{\{.*?\}\}/.test(text)) return text;
  const found = fill(text, interfaces());
  if (found.includes(' ')) {
    throw new AddressTemplateError(`multiple addresses found (${quote(found)}), please configure one`);
  }
  return trimGoSpace(found);
}

function fill(text: string, interfaces: Interfaces): string {
  let what = 'parse template';
  try {
    const template = new GoTemplate(text, functionsOf(interfaces), 'sockaddr.Parse');
    what = 'execute sockaddr input';
    return template.run(addressesOf(allAddresses(interfaces)));
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    const reason = `unable to ${what} ${quoteAscii(text)}: ${error.message}`;
    throw new AddressTemplateError(`unable to parse address template ${quote(text)}: ${reason}`);
  }
}

const LIST = 'sockaddr.IfAddrs';

function functionsOf(interfaces: Interfaces): TemplateFunctions {
  const { defaultName } = interfaces;
  const all = (): InterfaceAddress[] => allAddresses(interfaces);
  const order = (criteria: string, addresses: readonly InterfaceAddress[]) => sorted(criteria, addresses, defaultName);
  const forwardable = (): InterfaceAddress[] =>
    order('default,type,size', byFlags('up', byFlags('forwardable', all()).taken).taken);
  const ofDefault = (): InterfaceAddress[] => {
    if (defaultName === undefined) throw new GoTemplateError('no default interface found');
    return all().filter(({ of }) => of.name === defaultName);
  };
  const secluded = () => byRfc('6890', forwardable());
  const bySize = () => byRfc('6890', order('type,size', all()));
  const named = (pattern: string) => byName(pattern, all()).taken;
  return {
    GetAllInterfaces: templateFunction([], () => addressesOf(all())),
    GetDefaultInterfaces: templateFunction([], () => addressesOf(ofDefault())),
    GetPrivateInterfaces: templateFunction([], () => addressesOf(secluded().taken)),
    GetPublicInterfaces: templateFunction([], () => addressesOf(secluded().left)),
    GetPrivateIP: templateFunction([], () => ips(secluded().taken.slice(0, 1))),
    GetPublicIP: templateFunction([], () => ips(secluded().left.slice(0, 1))),
    GetPrivateIPs: templateFunction([], () => ips(byRfc(NOT_FORWARDED, bySize().taken).left)),
    GetPublicIPs: templateFunction([], () => ips(bySize().left)),
    GetInterfaceIP: templateFunction(['string'], (pattern: string) =>
      ips(order('type,size', byFlags('forwardable', named(pattern)).taken).slice(0, 1)),
    ),
    GetInterfaceIPs: templateFunction(['string'], (pattern: string) => ips(order('type,size', named(pattern)))),
    sort: templateFunction(['string', LIST], (criteria: string, { items }: InterfaceAddresses) =>
      addressesOf(order(criteria, items)),
    ),
    ...HELPERS,
  };
}

const ips = (addresses: readonly InterfaceAddress[]): string => addresses.map(({ block }) => printIp(block)).join(' ');

const HELPERS: TemplateFunctions = {
  include: templateFunction(['string', 'string', LIST], (name: string, param: string, { items }: InterfaceAddresses) =>
    addressesOf(select('include', name, param, items)),
  ),
  exclude: templateFunction(['string', 'string', LIST], (name: string, param: string, { items }: InterfaceAddresses) =>
    addressesOf(select('exclude', name, param, items)),
  ),
  attr: templateFunction(['string', 'any'], attr),
  join: templateFunction(['string', 'string', LIST], (name: string, glue: string, { items }: InterfaceAddresses) =>
    items.map((one) => attributeOf(name, one)).join(glue),
  ),
  limit: templateFunction(['uint', LIST], (most: bigint, { items }: InterfaceAddresses) =>
    addressesOf(items.slice(0, Number(most))),
  ),
  offset: templateFunction(['int', LIST], offset),
  unique: templateFunction(['string', LIST], unique),
  math: templateFunction(
    ['string', 'string', LIST],
    (operation: string, value: string, { items }: InterfaceAddresses) =>
      addressesOf(items.map((one) => reckoned(operation, value, one))),
  ),
};

/** Of a list the first one's; nothing of an empty one. */
function attr(name: string, value: TemplateValue): string {
  if (value instanceof InterfaceAddress) return attributeOf(name, value);
  if (value instanceof GoSlice) {
    const [one] = value.items as readonly InterfaceAddress[];
    return one === undefined ? '' : attributeOf(name, one);
  }
  throw new GoTemplateError(`unable to obtain attribute ${name} from type ${goType(value)} (${showInside(value)})`);
}

/** Negative: counted from the end. */
function offset(count: bigint, { items }: InterfaceAddresses): InterfaceAddresses {
  const size = count < 0n ? -count : count;
  if (size > items.length) {
    const reason = `offset (${size}) exceeds the number of interfaces (${items.length})`;
    throw new GoTemplateError(`unable to seek past the end of the interface array: ${reason}`);
  }
  return addressesOf(items.slice(count < 0n ? items.length - Number(size) : Number(size)));
}

/** Of those that follow each other and are equal, the first. */
function unique(name: string, { items }: InterfaceAddresses): InterfaceAddresses {
  const word = name.toLowerCase();
  const text = ({ block, of }: InterfaceAddress): string => (word === 'name' ? of.name : showBlock(block));
  if (word !== 'name' && word !== 'address' && items.length > 0) {
    throw new GoTemplateError(`unsupported unique constraint ${quoteAscii(name)}`);
  }
  return addressesOf(items.filter((one, i) => i === 0 || text(one) !== text(items[i - 1]!)));
}

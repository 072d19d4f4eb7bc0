/** The addresses of a machine's interfaces, as Go tells of them. */
import { parseCidr, printEndpoint } from '../address.ts';
import type { Block } from '../address.ts';
import { GoSlice, GoStruct } from '../go-template/values.ts';
import type { TemplateMap } from '../go-template/values.ts';

/** What a machine says of one interface; its addresses in CIDR form. */
export interface NetworkInterface {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  /** `02:fc:00:00:00:01`, '' for none. */
  readonly hardware: string;
  readonly flags: ReadonlySet<InterfaceFlag>;
  readonly addresses: readonly string[];
}

export interface Interfaces {
  /** In the order of their indices. */
  readonly all: readonly NetworkInterface[];
  /** The one to which the default route leads. */
  readonly defaultName?: string;
}

/** In the order in which Go names them. */
export const FLAGS = ['up', 'broadcast', 'loopback', 'pointtopoint', 'multicast', 'running'] as const;
export type InterfaceFlag = (typeof FLAGS)[number];

/** An interface and one of its addresses, go-sockaddr's IfAddr. */
export class InterfaceAddress extends GoStruct {
  readonly block: Block;
  readonly of: NetworkInterface;

  constructor(block: Block, of: NetworkInterface) {
    const { name, index, mtu, hardware } = of;
    const flags = showFlags(of);
    const address = showBlock(block);
    const about = `{${index} ${mtu} ${name} ${hardware} ${flags}}`;
    const text = `${address} ${about}`;
    const own: TemplateMap = {
      Name: name,
      Index: BigInt(index),
      MTU: BigInt(mtu),
      HardwareAddr: named('net.HardwareAddr', hardware),
      Flags: named('net.Flags', flags),
    };
    super('sockaddr.IfAddr', text, {
      ...own,
      SockAddr: named(`sockaddr.IP${versionOf(block)}Addr`, address),
      Interface: new GoStruct('net.Interface', about, own),
      String: text,
      Type: named('sockaddr.SockAddrType', `IP${versionOf(block)}`),
    });
    this.block = block;
    this.of = of;
  }
}

const named = (type: string, text: string): GoStruct => new GoStruct(type, text, { String: text });

export type InterfaceAddresses = GoSlice<InterfaceAddress>;

export const addressesOf = (items: readonly InterfaceAddress[]): InterfaceAddresses =>
  new GoSlice('sockaddr.IfAddrs', items);

export const allAddresses = ({ all }: Interfaces): InterfaceAddress[] =>
  all.flatMap((one) =>
    one.addresses.flatMap((text) => {
      const block = parseCidr(text);
      return block === undefined ? [] : [new InterfaceAddress(block, one)];
    }),
  );

export const versionOf = ({ width }: Block): 'v4' | 'v6' => (width === 32 ? 'v4' : 'v6');

export const showBlock = (block: Block): string => printEndpoint({ ...block, port: 0 });

export const showFlags = ({ flags }: NetworkInterface): string =>
  FLAGS.filter((flag) => flags.has(flag)).join('|') || '0';

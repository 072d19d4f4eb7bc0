/** The machine's network interfaces, for addresses that are written as templates. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import type { InterfaceFlag, Interfaces, NetworkInterface } from '../core/codec/sockaddr/interfaces.ts';

/** Bits of Linux's interface flags. */
const BITS: readonly (readonly [flag: InterfaceFlag, bit: number])[] = [
  ['up', 0x1],
  ['broadcast', 0x2],
  ['loopback', 0x8],
  ['pointtopoint', 0x10],
  ['multicast', 0x1000],
];

const GATEWAY = 0x2;

/** As they are now; beside addresses, what the system tells in files only where it is Linux. */
export function interfacesOfHost(sys = '/sys/class/net', routes = '/proc/net/route'): Interfaces {
  // An address with a label of its own stands under `eth0:1`.
  const byName = new Map<string, NetworkInterfaceInfo[]>();
  for (const [label, own = []] of Object.entries(networkInterfaces())) {
    const name = label.split(':')[0]!;
    byName.set(name, [...(byName.get(name) ?? []), ...own]);
  }
  const found = [...byName].map(([name, addresses], at): NetworkInterface => {
    const about = (file: string): string => read(join(sys, name, file)).trim();
    const loopback = addresses.some(({ internal }) => internal);
    const hardware = addresses[0]?.mac ?? '';
    const [v4, v6] = ['IPv4', 'IPv6'].map((kind) => addresses.filter(({ family }) => family === kind));
    return {
      name,
      index: Number(about('ifindex')) || at + 1,
      mtu: Number(about('mtu')),
      hardware: hardware === '00:00:00:00:00:00' ? '' : hardware,
      flags: flagsOf(about('flags'), about('operstate'), loopback),
      addresses: [...v4!, ...v6!].flatMap(({ cidr }) => cidr ?? []),
    };
  });
  const all = found.sort((a, b) => a.index - b.index);
  const name = defaultInterface(read(routes));
  return { all, ...(name === undefined ? {} : { defaultName: name }) };
}

function flagsOf(hex: string, state: string, loopback: boolean): ReadonlySet<InterfaceFlag> {
  // Node tells only of those that are up and running.
  if (hex === '')
    return new Set(loopback ? ['up', 'loopback', 'running'] : ['up', 'broadcast', 'multicast', 'running']);
  const flags = new Set(BITS.filter(([, bit]) => (Number(hex) & bit) !== 0).map(([flag]) => flag));
  if (flags.has('up') && (state === 'up' || state === 'unknown')) flags.add('running');
  return flags;
}

/** Of Linux's table the first route that leads everywhere by a gateway. */
export function defaultInterface(table: string): string | undefined {
  const rows = table.split('\n').map((line) => line.split('\t'));
  const row = rows.find(
    ([, destination, , flags, , , , mask]) =>
      destination === '00000000' && mask === '00000000' && (Number(`0x${flags}`) & GATEWAY) !== 0,
  );
  return row?.[0];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

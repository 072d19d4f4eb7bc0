/** A machine as the network sees it: its name, its kernel, its sockets. */
import type { Connection, Listener } from '../../core/runtime.ts';
import type { Endpoint } from './connection.ts';
import type { DatagramSocket } from './datagrams.ts';
import type { Process } from '../process.ts';

/** What the machine is for: partitions of a cluster leave its clients alone unless they are told otherwise. */
export type Role = 'node' | 'client' | 'service';

export interface OpenListener extends Listener {
  readonly owner: Process;
  readonly accept: (connection: Connection) => void;
}

export class Host {
  readonly name: string;
  readonly role: Role;
  /** Does what happens without the program: retransmissions, handshakes. Ends when the power goes. */
  kernel: Process;
  up = true;
  readonly listeners = new Map<number, OpenListener>();
  readonly endpoints = new Set<Endpoint>();
  readonly datagrams = new Map<number, DatagramSocket>();
  #nextPort = 32_768;

  constructor(name: string, role: Role, kernel: Process) {
    this.name = name;
    this.role = role;
    this.kernel = kernel;
  }

  /** A port for an outgoing connection. */
  ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port === 60_999 ? 32_768 : port + 1;
    return port;
  }
}

/** Splits `host:port`; undefined when it is not one. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { host: address.slice(0, colon), port };
}

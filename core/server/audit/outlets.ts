/** How audit lines leave the machine: the host has real sockets, the simulation its network. */
import { decodeUtf8 } from '../../codec/utf8.ts';
import type { Micros, Runtime } from '../../runtime.ts';

export interface Outlet {
  /** Resolves when the line is with the system; rejects when it could not be sent within `timeout`. */
  write(line: Uint8Array, timeout: Micros): Promise<void>;
  close(): void;
}

/** Failures have Go's texts, which clients see when a device is made. */
export interface Outlets {
  /** `network` is Go's: 'tcp', 'udp', 'unix' … */
  socket(network: string, address: string, timeout: Micros): Promise<Outlet>;
  /** The process's own output. */
  stdout(line: Uint8Array): Promise<void>;
  /** The machine's syslog; lines are of severity info. */
  syslog(facility: string, tag: string): Promise<Outlet>;
  /** POSTs `body`; the status of the answer. */
  http(uri: string, headers: Readonly<Record<string, readonly string[]>>, body: Uint8Array): Promise<number>;
}

/** Streams over the node's own network; a machine in simulation has no syslog and dials no web servers. */
export const networkOutlets = (runtime: Runtime): Outlets => ({
  socket: async (network, address, timeout) => {
    const connection = await runtime.network.dial(address, timeout);
    let broken: string | undefined;
    connection.onMessage(() => {});
    connection.onClose((reason) => (broken = reason === 'eof' ? 'broken pipe' : reason.message));
    return {
      write: (line) => {
        if (broken !== undefined) return Promise.reject(new Error(`write ${network} ${address}: ${broken}`));
        connection.send(line);
        return Promise.resolve();
      },
      close: () => connection.close(),
    };
  },
  stdout: (line) => {
    runtime.log.write('info', 'audit', decodeUtf8(line).trimEnd());
    return Promise.resolve();
  },
  syslog: () => Promise.reject(new Error('Unix syslog delivery error')),
  http: (uri) => Promise.reject(new Error(`Post "${uri}": dial tcp: connect: network is unreachable`)),
});

/** Questions by UDP; node:dgram and node:dns are loaded with the first of them. */
import type { Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { DatagramQuestion, Datagrams } from '../core/runtime.ts';
import { NetworkError } from '../core/runtime.ts';
import { lookupError } from './names.ts';
import { joinHostPort, splitHostPort } from './network.ts';

export const hostDatagrams: Datagrams = {
  async ask(question) {
    const target = destination(question.address);
    const tooLate = new NetworkError('timeout', 'context deadline exceeded');
    if (question.timeout <= 0) throw tooLate;
    const ending = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, question.timeout / 1_000, tooLate);
    });
    try {
      return await Promise.race([answer(question, target, ending.signal), late]);
    } finally {
      clearTimeout(timer);
      ending.abort();
    }
  },
};

interface Target {
  readonly host: string;
  readonly port: number;
}

function destination(address: string): Target {
  const failed = (why: string): NetworkError => new NetworkError('unreachable', `dial udp: address ${why}`);
  if (!/^(?:\[[^[\]]*\]|[^[\]:]*):-?\d+$/.test(address)) throw failed(`${address}: missing port in address`);
  const target = splitHostPort(address);
  if (target.port < 0 || target.port > 65_535) throw failed(`${target.port}: invalid port`);
  return target;
}

async function answer({ message, takes }: DatagramQuestion, target: Target, ending: AbortSignal): Promise<Uint8Array> {
  const found = { host: await resolved(target.host), port: target.port };
  return new Promise((resolve, reject) => {
    if (ending.aborted) return;
    const type = isIP(found.host) === 6 ? 'udp6' : 'udp4';
    const socket = process.getBuiltinModule('node:dgram').createSocket({ type, signal: ending });
    socket.on('message', (bytes) => {
      const copy = new Uint8Array(bytes);
      if (takes(copy)) resolve(copy);
    });
    socket.on('error', (error) => reject(failure(error, socket, found)));
    // Nobody has port 0, and Node does not even try.
    if (found.port === 0) socket.bind(() => reject(refused({ ...found, port: socket.address().port }, found)));
    else socket.connect(found.port, found.host, () => socket.send(message));
  });
}

/** No name at all is this machine. */
async function resolved(host: string): Promise<string> {
  if (host === '') return '127.0.0.1';
  if (isIP(host) !== 0) return host;
  try {
    const { address } = await process.getBuiltinModule('node:dns').promises.lookup(host, { order: 'ipv4first' });
    return address;
  } catch (error) {
    const { code, message } = lookupError(host, error);
    throw new NetworkError(code, `dial udp: ${message}`);
  }
}

const refused = (from: Target, to: Target): NetworkError => {
  const way = `${joinHostPort(from.host, from.port)}->${joinHostPort(to.host, to.port)}`;
  return new NetworkError('refused', `read udp ${way}: read: connection refused`);
};

function failure(error: Error, socket: Socket, to: Target): NetworkError {
  if (!('code' in error) || error.code !== 'ECONNREFUSED') {
    return new NetworkError('unreachable', `dial udp ${joinHostPort(to.host, to.port)}: ${error.message}`);
  }
  const { address, port } = socket.address();
  return refused({ host: address, port }, to);
}

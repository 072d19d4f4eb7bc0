/**
 * Where audit lines leave this machine: sockets, its syslog, web servers. What few servers need of Node is taken when it
 * is needed, because importing it costs every server's start some 20 ms.
 */
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Micros } from '../core/runtime.ts';
import type { Outlet, Outlets } from '../core/server/audit/outlets.ts';
import { splitHostPort, undialable } from './network.ts';
import { codeOf } from './errno.ts';

const goTexts: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'read: connection reset by peer',
  EPIPE: 'write: broken pipe',
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ENOENT: 'connect: no such file or directory',
  EACCES: 'connect: permission denied',
};

export function goText(error: unknown): string {
  const code = codeOf(error) ?? '';
  return goTexts[code] ?? (error instanceof Error ? error.message : String(error));
}

export const hostOutlets = (): Outlets => ({
  socket: openSocket,
  stdout: (line) =>
    new Promise((resolve, reject) => {
      process.stdout.write(line, (error) => {
        if (error) reject(error);
        else resolve();
      });
    }),
  syslog: openSyslog,
  http: post,
});

function openSocket(network: string, address: string, timeout: Micros): Promise<Outlet> {
  if (network === 'unix') return openStream(network, address, () => connect(address), timeout);
  const wrong = undialable(network, address);
  if (wrong !== undefined) return Promise.reject(new Error(wrong));
  const { host, port } = splitHostPort(address);
  if (network.startsWith('udp')) return Promise.resolve(openDatagrams(host, port));
  return openStream(network, address, () => connect({ host, port }), timeout);
}

function openStream(network: string, address: string, open: () => Socket, timeout: Micros): Promise<Outlet> {
  if (timeout <= 0) return Promise.reject(new Error(`dial ${network} ${address}: i/o timeout`));
  return new Promise((resolve, reject) => {
    const socket = open();
    const failed = (error: unknown) => reject(new Error(`dial ${network} ${address}: ${goText(error)}`));
    socket.setTimeout(timeout / 1_000, () => socket.destroy(Object.assign(new Error(''), { code: 'ETIMEDOUT' })));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', failed);
      resolve(streamOutlet(socket, network, address));
    });
  });
}

function streamOutlet(socket: Socket, network: string, address: string): Outlet {
  // A client of a socket in the file system has no address of its own.
  const from = network === 'unix' ? '@' : `${socket.localAddress}:${socket.localPort}`;
  let broken: unknown;
  socket.on('error', (error) => (broken = error));
  socket.on('close', () => (broken ??= Object.assign(new Error(''), { code: 'EPIPE' })));
  socket.resume();
  socket.unref();
  return {
    write: (line, timeout) =>
      new Promise((resolve, reject) => {
        const refuse = (error: unknown) => reject(new Error(`write ${network} ${from}->${address}: ${goText(error)}`));
        if (broken !== undefined) return refuse(broken);
        const late = setTimeout(() => refuse({ code: 'ETIMEDOUT' }), timeout / 1_000);
        socket.write(line, (error) => {
          clearTimeout(late);
          if (error) refuse(error);
          else resolve();
        });
      }),
    close: () => socket.destroy(),
  };
}

function openDatagrams(host: string, port: number): Outlet {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  // What nobody listens to is lost, as datagrams are.
  socket.on('error', () => {});
  socket.unref();
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        socket.send(line, port, host, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    close: () => socket.close(),
  };
}

const syslogSockets = ['/dev/log', '/var/run/syslog', '/var/run/log'];
const undelivered = () => new Error('Unix syslog delivery error');

/** Node has no datagrams over UNIX sockets, so the system's own `logger` carries the lines. */
function openSyslog(facility: string, tag: string): Promise<Outlet> {
  const path = syslogSockets.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isSocket() === true);
  if (path === undefined) return Promise.reject(undelivered());
  const priority = `${facility.toLowerCase()}.info`;
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn('logger', ['-u', path, '-p', priority, '-t', `${tag}[${process.pid}]`, '--size', '1048576'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  let gone = false;
  child.on('error', () => (gone = true));
  child.on('exit', () => (gone = true));
  child.stdin.on('error', () => (gone = true));
  return Promise.resolve({
    write: (line) =>
      new Promise<void>((resolve, reject) => {
        if (gone) return reject(undelivered());
        child.stdin.write(line, (error) => {
          if (error) reject(undelivered());
          else resolve();
        });
      }),
    close: () => child.stdin.end(),
  });
}

interface Asked {
  readonly status: number;
  readonly location: string | undefined;
}

type Headers = Readonly<Record<string, readonly string[]>>;

const REDIRECTS = 10;
const BY_GET: ReadonlySet<number> = new Set([301, 302, 303]);
const AGAIN: ReadonlySet<number> = new Set([307, 308]);

/** Goes where it is sent, as Go's client does: with the body only where the status says so. */
async function post(uri: string, headers: Headers, body: Uint8Array): Promise<number> {
  let url = uri;
  let sent: Uint8Array | undefined = body;
  for (let turn = 0; ; turn++) {
    const { status, location } = await ask(url, headers, sent);
    if (location === undefined || !(BY_GET.has(status) || AGAIN.has(status))) return status;
    if (turn === REDIRECTS - 1) throw new Error(`Post "${location}": stopped after 10 redirects`);
    if (BY_GET.has(status)) sent = undefined;
    url = new URL(location, url).toString();
  }
}

/** A POST, or without a body a GET. */
function ask(uri: string, headers: Headers, body: Uint8Array | undefined): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? '';
    const failed = (text: string) => reject(new Error(`Post "${uri}": ${text}`));
    if (scheme !== 'http' && scheme !== 'https') return failed(`unsupported protocol scheme "${scheme}"`);
    const url = new URL(uri);
    const plain: Record<string, string[]> = {};
    for (const [name, values] of Object.entries(headers)) plain[name] = [...values];
    const { request: send } = process.getBuiltinModule(scheme === 'https' ? 'node:https' : 'node:http');
    const method = body === undefined ? 'GET' : 'POST';
    const request = send(url, { method, headers: plain }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location }));
      response.on('error', (error) => failed(goText(error)));
    });
    const port = url.port === '' ? (scheme === 'https' ? '443' : '80') : url.port;
    request.on('error', (error) => failed(`dial tcp ${url.hostname}:${port}: ${goText(error)}`));
    request.end(body);
  });
}

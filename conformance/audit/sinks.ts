/** Who listens where audit devices send: over TCP, UDP, a socket in the file system, and HTTP. */
import { createSocket } from 'node:dgram';
import { rm } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { listening, listeningAt } from '../fixtures/listening.ts';

export interface Sink {
  /** What came so far, a line an entry. */
  readonly lines: () => readonly string[];
  readonly end: () => Promise<void>;
}

/** On a port of loopback, or at a path. */
export async function streamSink(at: number | string): Promise<Sink> {
  let text = '';
  const server = createServer((socket) => {
    // Letters of several bytes may come in two parts.
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('error', () => undefined);
  });
  if (typeof at === 'string') await rm(at, { force: true });
  const end = await listeningAt(server, typeof at === 'string' ? { path: at } : { port: at, host: '127.0.0.1' });
  return { lines: () => text.split('\n').slice(0, -1), end };
}

export async function datagramSink(port: number): Promise<Sink> {
  const lines: string[] = [];
  const socket = createSocket('udp4', (message) => lines.push(...message.toString().split('\n').filter(Boolean)));
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  return { lines: () => lines, end: () => new Promise((resolve) => socket.close(() => resolve())) };
}

/** Headers that matter stand before each line; `answers` says with which status. */
export async function httpSink(port: number, answers: () => number): Promise<Sink> {
  const lines: string[] = [];
  const server = createHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'content-type': type = 'none', 'x-own': own = 'none' } = request.headers;
      lines.push(`${request.method} ${request.url} ${type} ${String(own)} ${Buffer.concat(chunks).toString().trim()}`);
      response.writeHead(answers(), { location: '/elsewhere' }).end();
    });
  });
  const { end } = await listening(server, port);
  return { lines: () => lines, end };
}

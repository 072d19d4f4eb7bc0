/**
 * LIST, SCAN and HELP over node:http, whose parser knows only the registered methods. The first bytes of a request are
 * replaced by a known method of the same length before the parser sees them, and the real one is kept for the handler.
 * Requests that a client sends without waiting for the answer before (pipelining) are not recognised; no client does.
 */
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

// See listener.ts for why it is not imported.
const known = new Set(process.getBuiltinModule('node:http').METHODS);
const standIns: Readonly<Record<number, string>> = { 3: 'GET', 4: 'COPY', 5: 'MERGE', 6: 'UNLOCK', 7: 'OPTIONS' };

interface State {
  /** The next bytes begin a request. */
  fresh: boolean;
  method: string | undefined;
}
const states = new WeakMap<Socket, State>();

/** Must run before the server listens. */
export function allowAnyMethod(server: Server | TlsServer, tls: boolean): void {
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    const state: State = { fresh: true, method: undefined };
    states.set(socket, state);
    // A data listener makes node hand the bytes to its parser through JavaScript, after this listener.
    socket.prependListener('data', (chunk: Buffer) => {
      if (!state.fresh) return;
      state.fresh = false;
      const space = chunk.indexOf(0x20);
      if (space < 1 || space > 7) return;
      const method = chunk.toString('latin1', 0, space);
      const standIn = standIns[space];
      if (known.has(method) || standIn === undefined || !/^[A-Za-z]+$/.test(method)) return;
      state.method = method;
      chunk.write(standIn, 0, 'latin1');
    });
  });
}

/** The method that the client sent. */
export const sentMethod = (socket: Socket, parsed: string): string => states.get(socket)?.method ?? parsed;

/** The answer is complete: what comes next is a new request. */
export function requestDone(socket: Socket): void {
  const state = states.get(socket);
  if (state === undefined) return;
  state.fresh = true;
  state.method = undefined;
}

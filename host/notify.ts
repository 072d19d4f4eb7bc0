/** What systemd is told of a server (sd_notify): datagrams to a socket in the file system, which Node itself cannot send. */
import type { Log } from '../core/runtime.ts';
import { MissingPackage, optionalPackage } from './optional-package.ts';

export type ServerState = 'READY=1' | 'RELOADING=1' | 'STOPPING=1';

const UNIX = 1;
const DATAGRAM = 2;
const REASONS: Readonly<Record<number, string>> = {
  2: 'no such file or directory',
  13: 'permission denied',
  111: 'connection refused',
};

/** Never rejects: what does not arrive is told in the log. `socket` is the variable NOTIFY_SOCKET. */
export async function notify(log: Log, state: ServerState, socket = process.env['NOTIFY_SOCKET'] ?? ''): Promise<void> {
  if (socket === '') {
    log.write('debug', '', 'would have sent systemd notification (systemd not present)', { notification: state });
    return;
  }
  const error = await send(socket, state);
  if (error === undefined) log.write('debug', '', 'sent systemd notification', { notification: state });
  else log.write('error', '', 'error notifying systemd', { error });
}

/** Why it could not be sent. */
async function send(path: string, text: string): Promise<string | undefined> {
  try {
    const koffi = await optionalPackage('koffi', 'NOTIFY_SOCKET', async () => (await import('koffi')).default);
    const program = koffi.load(null);
    const open = program.func('int socket(int, int, int)') as (...values: number[]) => number;
    const connect = program.func('int connect(int, const uint8_t *, uint32_t)');
    const write = program.func('long write(int, const uint8_t *, size_t)');
    const close = program.func('int close(int)');
    const address = addressOf(path);
    const handle = open(UNIX, DATAGRAM, 0);
    try {
      const failed =
        connect(handle, address, address.length) !== 0 || write(handle, Buffer.from(text), text.length) < 0;
      if (!failed) return undefined;
      const code = koffi.errno();
      return `dial unixgram ${path}: connect: ${REASONS[code] ?? `errno ${code}`}`;
    } finally {
      close(handle);
    }
  } catch (error) {
    if (error instanceof MissingPackage) return error.message;
    throw error;
  }
}

/** sockaddr_un; a name that begins with `@` is one of Linux's abstract ones. */
function addressOf(path: string): Buffer {
  const family = Buffer.alloc(2);
  new Uint16Array(family.buffer, family.byteOffset, 1)[0] = UNIX;
  const name = path.startsWith('@') ? Buffer.from(`\0${path.slice(1)}`) : Buffer.from(`${path}\0`);
  return Buffer.concat([family, name]);
}

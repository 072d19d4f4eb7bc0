/** `tls_auto_reload`: looks at a listener's certificate now and then, and has it read again when it is another. */
import { readFile } from 'node:fs/promises';
import type { Log } from '../core/runtime.ts';
import type { HttpListener } from './listener.ts';

const LOGGER = 'tls auto-reload';

export interface Watched {
  readonly paths: readonly string[];
  /** Milliseconds. */
  readonly interval: number;
  readonly log: Log;
}

/** Until the listener is closed. What cannot be read leaves the certificate as it was. */
export async function watchTls(listener: HttpListener, { paths, interval, log }: Watched): Promise<HttpListener> {
  const read = (): Promise<Buffer[]> => Promise.all(paths.map((path) => readFile(path)));
  let seen = await read();
  const look = async (): Promise<void> => {
    try {
      const found = await read();
      if (found.every((bytes, index) => bytes.equals(seen[index]!))) return;
      await listener.reload();
      seen = found;
      log.write('info', LOGGER, 'reloaded TLS certificate', { paths });
    } catch (error) {
      log.write('warn', LOGGER, 'reload failed, keeping previous certificate', { error });
    }
  };
  const timer = setInterval(() => void look(), interval).unref();
  return {
    ...listener,
    close: () => {
      clearInterval(timer);
      return listener.close();
    },
  };
}

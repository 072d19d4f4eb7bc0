/** Who may speak to a listener in the file system. */
import { chmod, chown, readFile } from 'node:fs/promises';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';

/** '' where nothing was said. */
export interface SocketOwner {
  /** Octal. */
  readonly mode: string;
  /** Names or numbers. */
  readonly user: string;
  readonly group: string;
}

/** As upstream, only when all three are given. Rejects with what cannot be done. */
export async function setOwner(path: string, { mode, user, group }: SocketOwner): Promise<void> {
  if (mode === '' || user === '' || group === '') return;
  await chown(path, await idOf('user', user), await idOf('group', group));
  if (!/^[0-7]+$/.test(mode)) throw refused('invalid mode specified: 0');
  await chmod(path, Number.parseInt(mode, 8));
}

const FILES = { user: '/etc/passwd', group: '/etc/group' };

async function idOf(kind: keyof typeof FILES, name: string): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  for (const line of (await readFile(FILES[kind], 'utf8')).split('\n')) {
    const [found, , id] = line.split(':');
    if (found === name && id !== undefined) return Number(id);
  }
  throw refused(`failed to look up ${kind} ${JSON.stringify(name)}: ${kind}: unknown ${kind} ${name}`);
}

const refused = (reason: string): ConfigurationError => {
  const what = `failed to set file system permissions on the socket file: ${reason}`;
  return new ConfigurationError(`Error initializing listener of type unix: ${what}`);
};

/** A plugin whose calls are counted and timed, for all plugins together and for its kind. */
import type { Runtime } from '../../../runtime.ts';
import type { Plugin } from './plugin.ts';

/** What upstream's plugins call themselves, where it is not the name they are mounted by. */
const kinds: ReadonlyMap<string, string> = new Map([['postgresql-database-plugin', 'pgx']]);

export const kindOf = (name: string): string => kinds.get(name) ?? name.replace(/-database-plugin$/, '');

export function measured(plugin: Plugin, name: string, metrics: NonNullable<Runtime['metrics']>): Plugin {
  const kind = kindOf(name);
  const timed = async <T>(method: string, doing: () => Promise<T>): Promise<T> => {
    const names = [`vault.database.${method}`, `vault.database.${kind}.${method}`];
    for (const each of names) metrics.count(each);
    const start = metrics.now();
    try {
      return await doing();
    } catch (error) {
      for (const each of names) metrics.count(`${each}.error`);
      throw error;
    } finally {
      for (const each of names) metrics.since(each, start);
    }
  };
  return {
    verify: () => timed('Initialize', () => plugin.verify()),
    settle: () => plugin.settle?.(),
    newUser: (user) => timed('NewUser', () => plugin.newUser(user)),
    updateUser: (change) => timed('UpdateUser', () => plugin.updateUser(change)),
    deleteUser: (username, statements) => timed('DeleteUser', () => plugin.deleteUser(username, statements)),
    close: () => timed('Close', () => plugin.close()),
  };
}

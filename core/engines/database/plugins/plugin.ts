/** What the engine asks of a kind of database. Rejections carry upstream's text. */
import { DatabaseError, NetworkError } from '../../../runtime.ts';
import { multierror } from '../../../codec/multierror.ts';
import { failure, Fault } from '../../../fault.ts';
import type { JsonObject } from '../../../codec/json.ts';
import type { Database, Micros, Runtime } from '../../../runtime.ts';
import type { NameParts } from '../username.ts';

export interface NewUser {
  readonly name: NameParts;
  readonly statements: readonly string[];
  readonly rollback: readonly string[];
  readonly password: string;
  /** Wall micros. */
  readonly expires: Micros;
}

export interface UserChange {
  readonly username: string;
  readonly password?: { readonly value: string; readonly statements: readonly string[] };
  /** Wall micros. */
  readonly expires?: { readonly at: Micros; readonly statements: readonly string[] };
}

export interface Plugin {
  /** Where they do not stand in the details under their names. */
  readonly secrets?: Secrets;
  verify(): Promise<void>;
  /** Looks at what is looked at last, once the database has answered if it is to. Throws. */
  settle?(): void;
  /** The user's name. */
  newUser(user: NewUser): Promise<string>;
  updateUser(change: UserChange): Promise<void>;
  deleteUser(username: string, statements: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Throws for details that make no sense; nothing is dialled yet. */
export type PluginFactory = (details: JsonObject, runtime: Runtime) => Plugin;

/** A role's own, or the kind's. */
export const orUsual = (statements: readonly string[], usual: string): readonly string[] =>
  statements.length === 0 ? [usual] : statements;

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Rejects with `what: why` where the database refuses, with `away: why` where it is not reached; what is neither is a
 * bug and passes.
 */
export async function naming<T>(what: string, doing: Promise<T>, away = what): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof DatabaseError) && !(error instanceof Fault)) throw error;
    const named = error instanceof DatabaseError && error.away ? away : what;
    throw failure(named === '' ? error.message : `${named}: ${error.message}`);
  }
}

/** A database that is opened when it is first needed; what is wrong with its address then rejects. */
export function openedLate(open: () => Database): Database {
  let opened: Database | undefined;
  const database = (): Database => (opened ??= open());
  return {
    ping: async () => database().ping(),
    run: async (statements, options) => database().run(statements, options),
    close: async () => opened?.close(),
  };
}

/** Gives what was refused, and goes on after it. */
export async function refusals(
  queries: readonly string[],
  run: (query: string) => Promise<unknown>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const query of queries) {
    try {
      await run(query);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      wrong.push(error.message);
    }
  }
  return wrong;
}

/** The same; rejects with all that was refused, at the end. */
export async function runAll(queries: readonly string[], run: (query: string) => Promise<unknown>): Promise<void> {
  const wrong = await refusals(queries, run);
  if (wrong.length > 0) throw failure(multierror(...wrong));
}

/** Details by name that complaints of a plugin must not show. */
export type Secrets = ReadonlyMap<string, string>;

/** Keeps them out of what a plugin complains about; what failed on the way to an address shows nothing of it. */
export function withoutSecrets(error: unknown, secrets: Secrets): unknown {
  if (error instanceof NetworkError) return failure('unable to parse connection url');
  if (!(error instanceof DatabaseError) && !(error instanceof Fault)) return error;
  let { message } = error;
  for (const [name, secret] of secrets) if (secret !== '') message = message.replaceAll(secret, `[${name}]`);
  return failure(message);
}

/** Runs each call so that its refusals do not show the secrets. */
export function sanitized(plugin: Plugin, secrets: Secrets): Plugin {
  const clean = async <T>(doing: () => Promise<T>): Promise<T> => {
    try {
      return await doing();
    } catch (error) {
      throw withoutSecrets(error, secrets);
    }
  };
  return {
    verify: () => clean(() => plugin.verify()),
    settle() {
      try {
        plugin.settle?.();
      } catch (error) {
        throw withoutSecrets(error, secrets);
      }
    },
    newUser: (user) => clean(() => plugin.newUser(user)),
    updateUser: (change) => clean(() => plugin.updateUser(change)),
    deleteUser: (username, statements) => clean(() => plugin.deleteUser(username, statements)),
    close: () => plugin.close(),
  };
}

/** Which engines and auth methods this server can mount, by type. Given to a node, so that tests and bugs can swap them. */
import type { Backend, BackendContext } from '../../framework/logical.ts';
import type { MountTable } from './entry.ts';

/** Undefined where the options make no sense ("nil backend … returned from factory"). */
export type BackendFactory = (context: BackendContext) => Backend | undefined;

export interface Catalog {
  readonly secret: ReadonlyMap<string, BackendFactory>;
  readonly auth: ReadonlyMap<string, BackendFactory>;
  /** Kinds of databases, for the database engine. */
  readonly database: readonly string[];
  /** Fetches the code of a kind before its first mount is made. Undefined where it is there, so that nobody waits. */
  ready?(table: MountTable, type: string): Promise<void> | undefined;
}

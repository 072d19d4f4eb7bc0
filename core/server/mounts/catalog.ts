/** Which engines and auth methods this server can mount, by type. Given to a node, so that tests and bugs can swap them. */
import type { Backend, BackendContext } from '../../framework/logical.ts';

/** Undefined where the options make no sense ("nil backend … returned from factory"). */
export type BackendFactory = (context: BackendContext) => Backend | undefined;

export interface Catalog {
  readonly secret: ReadonlyMap<string, BackendFactory>;
  readonly auth: ReadonlyMap<string, BackendFactory>;
  /** Kinds of databases, for the database engine. */
  readonly database: readonly string[];
}

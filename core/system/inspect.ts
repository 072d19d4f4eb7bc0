/** sys/internal/inspect: the router's tables, for those who debug. */
import type { JsonObject } from '../codec/json.ts';
import type { Route } from '../server/router.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';

const shown = ({ entry, prefix, tainted }: Route): JsonObject => ({
  accessor: entry.accessor,
  mount_namespace: '',
  mount_path: entry.path,
  mount_type: entry.type,
  storage_prefix: entry.type === 'token' ? 'sys/token/' : prefix,
  tainted,
  uuid: entry.uuid,
});

function table(node: SystemNode, tag: string): JsonObject {
  return { [tag]: [...node.active().mounts.router.all()].map(shown) };
}

export const inspectPaths = systemPaths().path(
  'internal/inspect/router/:tag{(root|uuid|accessor|storage)}',
  "The router's tables.",
  {},
  { read: { about: 'One table.', run: ({ tag }, { context }) => table(context.node, tag) } },
);

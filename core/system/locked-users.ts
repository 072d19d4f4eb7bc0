/** sys/locked-users: who is locked out after failed logins, and letting them in again. */
import type { JsonValue } from '../codec/json.ts';
import { field } from '../framework/field.ts';
import { within } from '../server/namespaces/node.ts';
import { systemPaths } from './context.ts';
import { here } from './namespaces.ts';

const mountRow = (accessor: string, aliases: readonly string[]): JsonValue =>
  new Map<string, JsonValue>([
    ['mount_accessor', accessor],
    ['counts', aliases.length],
    ['alias_identifiers', aliases.length === 0 ? null : aliases],
  ]);

export const lockedUserPaths = systemPaths()
  .path(
    'locked-users/:mount_accessor{.+?}/unlock/:alias_identifier{.+}',
    'A locked user.',
    {
      mount_accessor: field.string('Accessor of the method.', { required: true }),
      alias_identifier: field.string('What the method knows the user by.', { required: true }),
    },
    {
      update: {
        about: 'Unlock.',
        run: ({ mount_accessor: accessor, alias_identifier: alias }, { context }) => {
          context.node.active().lockouts.unlock(accessor, alias);
        },
      },
    },
  )
  .path(
    'locked-users',
    'The locked users.',
    { mount_accessor: field.string('Only those of this mount.', { always: true, unlisted: true }) },
    {
      read: {
        about: 'Counts and names.',
        run: ({ mount_accessor: only }, { context }) => {
          const active = context.node.active();
          const byMount = active.lockouts.locked();
          const rows: JsonValue[] = [];
          let total = 0;
          for (const { entry, realm } of within(here(active))) {
            const own = (accessor: string) => realm?.mounts.byAccessor(accessor) !== undefined;
            const shown = only === '' ? [...byMount.keys()].filter(own) : [only];
            const mounts = shown.map((accessor) => mountRow(accessor, byMount.get(accessor) ?? []));
            const counts = shown.reduce((sum, accessor) => sum + (byMount.get(accessor)?.length ?? 0), 0);
            total += counts;
            rows.push(
              new Map<string, JsonValue>([
                ['namespace_id', entry.id],
                ['namespace_path', entry.path],
                ['counts', counts],
                ['mount_accessors', mounts],
              ]),
            );
            // Asked for one mount, upstream looks no further.
            if (only !== '') break;
          }
          return { by_namespace: rows, total };
        },
      },
    },
  );

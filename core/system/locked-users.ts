/** sys/locked-users: who is locked out after failed logins, and letting them in again. */
import type { JsonValue } from '../codec/json.ts';
import { field } from '../framework/field.ts';
import { systemPaths } from './context.ts';

export const lockedUserPaths = systemPaths()
  .path(
    'locked-users/:mount_accessor{.+?}/unlock/:alias_identifier{.+}',
    'A locked user.',
    {},
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
    { mount_accessor: field.string('Only those of this mount.', { default: '', query: true }) },
    {
      read: {
        about: 'Counts and names.',
        run: ({ mount_accessor: only }, { context }) => {
          const byMount = context.node.active().lockouts.locked();
          const mounts: JsonValue[] = [];
          let total = 0;
          const shown = only === '' ? [...byMount.keys()] : [only];
          for (const accessor of shown) {
            const aliases = byMount.get(accessor) ?? [];
            total += aliases.length;
            const shownAliases = aliases.length === 0 ? null : aliases;
            mounts.push(
              new Map<string, JsonValue>([
                ['mount_accessor', accessor],
                ['counts', aliases.length],
                ['alias_identifiers', shownAliases],
              ]),
            );
          }
          const root = new Map<string, JsonValue>([
            ['namespace_id', 'root'],
            ['namespace_path', ''],
            ['counts', total],
            ['mount_accessors', mounts],
          ]);
          return { by_namespace: [root], total };
        },
      },
    },
  );

/** sys/remount: a mount moves in the background; the answer comes at once. */
import { makeUuid } from '../codec/uuid.ts';
import { refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { isProtected } from '../server/mounts/protected.ts';
import type { Route } from '../server/router.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';
import { folder } from './mount-path.ts';

const queued =
  "Mount move has been queued. Progress will be reported in OpenBao's server log, tagged with the returned migration_id";

export const remountPaths = systemPaths()
  .path(
    'remount',
    'Moves a mount.',
    {
      from: field.string('Present path; auth methods begin with "auth/".'),
      to: field.string('New path.'),
    },
    {
      update: {
        about: 'Move a mount with its data; its leases are revoked.',
        run: ({ from, to }, { context, random }) => {
          if (!from || !to) throw refuse("both 'from' and 'to' path must be specified as a string");
          const { node } = context;
          const route = check(node, folder(from), folder(to));
          const id = makeUuid((length) => random.bytes(length));
          void move(node, route, folder(to), id);
          return reply({ data: { migration_id: id }, warnings: [queued] });
        },
      },
    },
  )
  .path(
    'remount/status/:migration_id{.+?}',
    'A move under way.',
    {},
    {
      read: {
        about: 'How far it is.',
        run: ({ migration_id: id }, { context }) => {
          const status = context.node.active().migrations.get(id);
          if (status === undefined) return undefined;
          const order = ['source_mount', 'target_mount', 'status'] as const;
          const info = new Map(order.map((name) => [name, status[name] ?? null]));
          return { migration_id: id, migration_info: info };
        },
      },
    },
  );

function check(node: SystemNode, from: string, to: string): Route {
  const auth = from.startsWith('auth/');
  if ((isProtected(from) && !auth) || from === 'auth/token/') throw refuse(`cannot remount "${from}"`);
  const { router } = node.active().mounts;
  if (auth && !to.startsWith('auth/')) throw refuse(`cannot remount auth mount to non-auth mount "${to}"`);
  if (to === 'auth/token/') throw refuse(`cannot remount to destination "${to}"`);
  if (!auth && (to.startsWith('auth/') || isProtected(to))) throw refuse(`cannot remount to destination ${to}`);
  const route = router.at(from);
  if (!route) throw refuse(`no matching mount at "${from}"`);
  const taken = router.conflict(to);
  if (taken !== undefined) throw refuse(`path already in use at "${taken}"`);
  return route;
}

async function move(node: SystemNode, route: Route, to: string, id: string): Promise<void> {
  const active = node.active();
  const { log } = active.runtime;
  const path = to.startsWith('auth/') ? to.slice('auth/'.length) : to;
  const info = { source_mount: route.point, target_mount: to };
  active.migrations.set(id, { ...info, status: 'in-progress' });
  log.write('info', 'system', 'Starting mount move', { migration_id: id, from: route.point, to });
  try {
    await active.mounts.move(route, path, (prefix) => active.services.leases.revokePrefix(prefix));
    await active.quotas.moved(route.point, to);
    active.migrations.set(id, { ...info, status: 'success' });
    log.write('info', 'system', 'Completed mount move operations', { migration_id: id });
  } catch (error) {
    active.migrations.set(id, { ...info, status: 'failure' });
    log.write('error', 'system', 'remount failed', { migration_id: id, error });
  }
}

/** sys/remount: a mount moves in the background; the answer comes at once. */
import { cleanGoPath } from '../codec/go-path.ts';
import { isPrintableText, quote } from '../codec/go-quote.ts';
import { makeUuid } from '../codec/uuid.ts';
import { failure, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { PROTECTED } from '../server/mounts/protected.ts';
import { locate } from '../server/namespaces/enter.ts';
import type { Realm } from '../server/namespaces/realm.ts';
import type { Route } from '../server/router.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';
import { folder } from './mount-path.ts';
import { here } from './namespaces.ts';

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
          for (const [name, path] of Object.entries({ from, to })) {
            if (path !== path.trim()) throw refuse(`'${name}' path cannot contain trailing whitespace`);
          }
          const { node } = context;
          const source = placeOf(node, folder(from));
          const target = placeOf(node, folder(to));
          const route = check(source, target);
          const id = makeUuid((length) => random.bytes(length));
          void move(node, source, route, target, id);
          return reply({ data: { migration_id: id }, warnings: [queued] });
        },
      },
    },
  )
  .path(
    'remount/status/:migration_id{.+?}',
    'A move under way.',
    { migration_id: field.string('Id of the move.', { required: true }) },
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

/** A mount's place, in whatever namespace below this one. */
interface Place {
  readonly realm: Realm;
  /** Relative to the namespace. */
  readonly point: string;
  readonly whole: string;
  /** As it was asked for: from the namespace of the request on. */
  readonly asked: string;
}

function placeOf(node: SystemNode, path: string): Place {
  const top = here(node.active());
  const found = locate(undefined, path, top)!;
  const { realm, entry } = found.node;
  if (realm === undefined) throw refuse('namespace is sealed', 503);
  const point = found.node === top ? found.path : found.path.replace(/^\//, '');
  const whole = entry.path + point;
  return { realm, point, whole, asked: whole.slice(top.entry.path.length) };
}

function checkDestination(path: string): void {
  const clean = `${cleanGoPath(path)}/`;
  if (clean !== path) throw refuse(`invalid destination mount: path '${path}' does not match cleaned path '${clean}'`);
  if (!isPrintableText(path)) throw refuse('invalid destination mount: path cannot contain non-printable characters');
}

function checkKind(from: string, to: string): void {
  if (from.startsWith('auth/')) {
    if (!to.startsWith('auth/')) throw refuse(`cannot remount auth mount to non-auth mount ${quote(to)}`);
    if (from.startsWith('auth/token/')) throw refuse(`cannot remount ${quote(from)}`);
    if (to.startsWith('auth/token/')) throw refuse(`cannot remount to destination ${quote(to)}`);
    return;
  }
  for (const mount of PROTECTED) {
    if (from.startsWith(mount)) throw refuse(`cannot remount ${quote(from)}`);
    if (to.startsWith(mount)) throw refuse(`cannot remount to destination ${to}`);
  }
}

function check({ realm, point: from, asked }: Place, target: Place): Route {
  checkDestination(target.point);
  checkDestination(target.whole);
  const to = target.point;
  checkKind(from, to);
  const route = realm.mounts.router.match(from);
  if (!route) throw refuse(`no matching mount at ${quote(asked)}`);
  const taken = target.realm.mounts.router.conflict(to);
  if (taken !== undefined) throw refuse(`path already in use at ${quote(target.realm.namespace.path + taken)}`);
  return route;
}

const untainted = ({ point, realm }: Place): string =>
  point.startsWith('auth/')
    ? `no matching backend for path ${quote(point)} namespaceID ${quote(realm.namespace.id)}`
    : 'failed to taint entry in mounts table';

async function move(node: SystemNode, from: Place, route: Route, to: Place, id: string): Promise<void> {
  const { migrations, quotas, runtime, namespace: asking } = node.active();
  const path = to.point.startsWith('auth/') ? to.point.slice('auth/'.length) : to.point;
  const info = { source_mount: from.whole, target_mount: to.whole };
  migrations.set(id, { ...info, status: 'in-progress' });
  const { mounts, services, namespace } = from.realm;
  const trim = (path: string): string => path.replace(/\/$/, '');
  const facts = {
    from_path: trim(from.asked),
    migration_id: id,
    namespace: asking.path,
    to_path: trim(to.asked),
  };
  const log = (level: 'info' | 'error', text: string, error?: unknown): void =>
    runtime.log.write(level, 'core.mounts.migration', text, { ...facts, ...(error !== undefined && { error }) });
  const say = (text: string): void => log('info', text);
  say('Starting to update the mount table and revoke leases');
  const revoke = (prefix: string) => services.leases.revokePrefix(prefix);
  try {
    // What lies behind a mount's point was let through, and is found here not to be a mount.
    if (route.point !== from.point) throw failure(untainted(from));
    if (to.realm === from.realm) await mounts.move(route, path, revoke);
    else {
      await mounts.change({ ...route.entry, tainted: true });
      await revoke(route.point);
      await to.realm.mounts.adopt(route, path);
      await mounts.giveUp(route);
    }
    say('Updating quotas associated with the source mount');
    const source = { namespacePath: namespace.path, mountPath: from.point };
    await quotas.moved(source, { namespacePath: to.realm.namespace.path, mountPath: to.point });
    migrations.set(id, { ...info, status: 'success' });
    say('Completed mount move operations');
  } catch (error) {
    migrations.set(id, { ...info, status: 'failure' });
    log('error', 'remount failed', error);
  }
}

/** sys/quotas: how many requests a client may make. */
import { quote } from '../codec/go-quote.ts';
import { makeUuid } from '../codec/uuid.ts';
import { Fault, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { SECOND } from '../runtime.ts';
import { rootNamespace } from '../framework/root-namespace.ts';
import { locate } from '../server/namespaces/enter.ts';
import type { Quota } from '../server/quotas/quota.ts';
import { pathOf } from '../server/quotas/quota.ts';
import type { Route } from '../server/router.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';

export const quotaPaths = systemPaths()
  .path(
    'quotas/config',
    'How quotas are applied.',
    {
      enable_rate_limit_audit_logging: field.bool('Whether refused requests are audited.', { always: true }),
      enable_rate_limit_response_headers: field.bool('Whether answers tell what is left.', { always: true }),
      rate_limit_exempt_paths: field.strings('Prefixes of paths that are not counted.', { always: true }),
    },
    {
      read: {
        about: 'The settings.',
        run: (_, { context }) => {
          const { auditLogging, responseHeaders, exemptPaths } = context.node.active().quotas.config;
          return {
            enable_rate_limit_audit_logging: auditLogging,
            enable_rate_limit_response_headers: responseHeaders,
            rate_limit_exempt_paths: exemptPaths,
          };
        },
      },
      update: {
        about: 'Change them; what is not sent is reset.',
        run: (input, { context }) =>
          context.node.active().quotas.configure({
            auditLogging: input.enable_rate_limit_audit_logging,
            responseHeaders: input.enable_rate_limit_response_headers,
            exemptPaths: [...input.rate_limit_exempt_paths],
          }),
      },
    },
  )
  .path(
    'quotas/rate-limit/?',
    'The rate-limit quotas.',
    {},
    {
      list: {
        about: 'Their names.',
        run: (_, { context }) =>
          context.node
            .active()
            .quotas.list()
            .map(({ name }) => name),
      },
    },
  )
  .path(
    'quotas/rate-limit/:name',
    'A rate-limit quota.',
    {
      type: field.string('Kind of the quota.'),
      name: field.string('Name of the quota.'),
      path: field.string('Mount, path or namespace it counts; empty counts everything.', { always: true }),
      role: field.string('Role of an auth method whose logins it counts.', { always: true }),
      rate: field.float('Requests an interval.', { always: true }),
      interval: field.seconds('How long an interval is; a second unless given.', { always: true }),
      block_interval: field.seconds('How long a client stays out that went over the limit.', { always: true }),
      inheritable: field.bool('Whether child namespaces are counted too.'),
    },
    {
      read: {
        about: 'The quota.',
        run: ({ name }, { context }) => {
          const quota = context.node.active().quotas.get(name);
          return quota && shown(quota);
        },
      },
      update: {
        about: 'Make or change it.',
        run: async (input, { context, random }) => {
          if (input.rate <= 0) throw refuse("'rate' is invalid");
          const { quotas } = context.node.active();
          const { name } = input;
          const before = quotas.get(name);
          const quota: Quota = {
            id: before?.id ?? makeUuid((length) => random.bytes(length)),
            name,
            ...(await subjectOf(input.path, input.role, context.node)),
            rate: input.rate,
            interval: (input.interval || 1) * SECOND,
            blockInterval: input.block_interval * SECOND,
            inheritable: input.inheritable ?? ['', '/'].includes(input.path),
          };
          await quotas.put(quota, before?.role);
        },
      },
      delete: { about: 'Remove it.', run: ({ name }, { context }) => context.node.active().quotas.delete(name) },
    },
  );

async function subjectOf(asked: string, role: string, node: SystemNode) {
  const path = asked.replace(/^\//, '');
  const { namespaces } = node.active();
  const slashed = path === '' || path.endsWith('/') ? path : `${path}/`;
  const located = locate(undefined, slashed, namespaces.root)!;
  const namespacePath = located.node.entry.path;
  const inside = slashed.slice(namespacePath.length);
  const route = inside === '' ? undefined : located.node.realm?.mounts.router.match(inside);
  if (inside !== '' && route === undefined) throw refuse(`invalid mount path ${quote(inside)}`);
  const suffix = route === undefined ? '' : inside.slice(route.point.length).replace(/\/$/, '');
  if (role !== '') await checkRole(route, suffix);
  return { namespacePath, mountPath: route?.point ?? '', suffix, role };
}

async function checkRole(route: Route | undefined, suffix: string): Promise<void> {
  const point = route?.point ?? '';
  if (suffix !== '') {
    throw refuse(
      'Quotas cannot contain both a path suffix and a role. If a role is provided, path must be a valid auth mount with a concept of roles',
    );
  }
  if (route === undefined || !point.startsWith('auth/')) {
    const text = 'is not a valid auth method and therefore unsuitable for use with role-based quotas';
    throw refuse(`Mount path ${quote(point)} ${text}`);
  }
  if (!(await resolvesRoles(route))) {
    throw refuse(`Mount path ${quote(point)} does not support use with role-based quotas`);
  }
}

/** A method that knows roles can tell the role of a login; whether this role exists does not matter. */
async function resolvesRoles(route: Route): Promise<boolean> {
  const namespace = rootNamespace;
  const remote = { address: '', port: 0 };
  const plain = { id: '', data: {}, namespace, clientToken: '', headers: new Map(), remote };
  try {
    await route.backend.handle({
      ...plain,
      operation: 'resolve-role',
      path: 'login',
      mount: route.info,
      storage: route.storage,
      unauthenticated: true,
      standby: false,
    });
    return true;
  } catch (error) {
    if (error instanceof Fault) return !error.message.startsWith('unsupported ');
    throw error;
  }
}

const shown = (quota: Quota) => ({
  type: 'rate-limit',
  name: quota.name,
  path: pathOf(quota),
  role: quota.role,
  rate: quota.rate,
  interval: quota.interval / SECOND,
  block_interval: quota.blockInterval / SECOND,
  inheritable: quota.inheritable,
});
